using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

using Microsoft.Extensions.Logging;

using RawSocketChat.Framing;
using RawSocketChat.Handshake;

namespace RawSocketChat;

/// <summary>Runs the sessions of accepted sockets: the opening handshake under one deadline, then the handler, then the close.</summary>
#pragma warning disable CA1001 // The source has no timer and no wait handle: there is nothing to dispose of.
internal sealed class SessionRunner
#pragma warning restore CA1001
{
    private readonly WebSocketServerOptions _options;
    private readonly WebSocketHandler _handler;
    private readonly ConnectionCollection _connections;
    private readonly HandshakeSlots _handshakes;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly UpgradePolicy _policy;
    private readonly DeflateAgreement _deflate;
    private readonly SslServerAuthenticationOptions? _tls;
    private EpollLoopGroup? _loops;
    private ExecutionContext? _context;
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Cuts the connections that are closing.
    private readonly CancellationTokenSource _cut = new();

    // One more than there are sessions, until the server waits for their end.
    private int _sessions = 1;
    private int _open;

    /// <summary>A runner of sessions.</summary>
    public SessionRunner(
        WebSocketServerOptions options,
        WebSocketHandler handler,
        ConnectionCollection connections,
        HandshakeSlots handshakes,
        ILogger logger,
        CancellationToken stopping)
    {
        _options = options;
        _handler = handler;
        _connections = connections;
        _handshakes = handshakes;
        _logger = logger;
        _stopping = stopping;
        _stopping.UnsafeRegister(static self => ((SessionRunner)self!).OnStopping(), this);
        _deflate = new(options);
        _policy = new UpgradePolicy { SubProtocols = options.SubProtocols, Origins = options.AllowedOrigins };
        _tls = options.ServerCertificate is null ? null : new()
        {
            // The chain is built once; building it for each connection is a known trap.
            ServerCertificateContext = SslStreamCertificateContext.Create(
                options.ServerCertificate, options.ServerCertificateChain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    /// <summary>How many sessions there are, handshakes included.</summary>
    public int Count => Volatile.Read(ref _sessions) - 1;

    /// <summary>Starts the loops that sessions run on, where they do. Before the first session.</summary>
    public EpollLoopGroup? StartLoops()
    {
        if (!EpollLoopGroup.IsWanted(_options.Transport))
        {
            if (_options.Transport == TransportKind.Automatic && !EpollLoopGroup.IsSupported)
            {
                Log.NoEpoll(_logger);
            }

            return null;
        }

        return _loops = new(_options.EpollLoops > 0 ? _options.EpollLoops : Environment.ProcessorCount, _options.BufferPool, _logger);
    }

    /// <summary>What sessions run on.</summary>
    public TransportKind Transport => _loops is null ? TransportKind.Portable : TransportKind.Epoll;

    /// <summary>Starts a session, which holds a handshake slot of that address, and returns at once.</summary>
    public void Start(Socket socket, IPAddress address)
    {
        Interlocked.Increment(ref _sessions);
        if (_loops is not null)
        {
            // Its first read waits for its own loop.
            _ = OpenAsync(socket, address);
            return;
        }

        // Not on the accept loop: what the client has sent already would run the handler there.
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Self.OpenAsync(state.Socket, state.Address), (Self: this, Socket: socket, Address: address), preferLocal: false);
    }

    /// <summary>Waits for every session; cuts those that take longer than the stop timeout. Then nothing moves any more.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await EndSessionsAsync(cancellationToken).ConfigureAwait(false);
        if (_loops is not null)
        {
            await _loops.DisposeAsync().ConfigureAwait(false);
        }
    }

    // From here on the socket is the transport's, also where there is none because the peer is gone already.
    private Transport Adopt(Socket socket)
    {
        if (_loops is not null)
        {
            return _loops.Add(socket, inline: !_options.HandlersMayBlock);
        }

        try
        {
            return new SocketTransport(socket, _options.BufferPool);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task EndSessionsAsync(CancellationToken cancellationToken)
    {
        EndSession();
        if (await HaveEndedAsync(_options.StopTimeout, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        Log.CutAtStop(_logger, Volatile.Read(ref _sessions));
        foreach (var connection in _connections)
        {
            connection.Abort();
        }

        await _cut.CancelAsync().ConfigureAwait(false);
        if (!await HaveEndedAsync(_options.CloseTimeout, CancellationToken.None).ConfigureAwait(false))
        {
            Log.LeftBehind(_logger, Volatile.Read(ref _sessions));
        }
    }

    private async Task<bool> HaveEndedAsync(TimeSpan bound, CancellationToken cancellationToken)
    {
        try
        {
            await _allEnded.Task.WaitAsync(bound, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    // Whoever is not in the list yet looks at the token before it waits.
    private void OnStopping()
    {
        foreach (var connection in _connections)
        {
            connection.OnStopping();
        }
    }

    private void EndSession()
    {
        if (Interlocked.Decrement(ref _sessions) == 0)
        {
            _allEnded.TrySetResult();
        }
    }

    // The opening handshake. What it needed is garbage when the handler runs: a connection may stay for days.
    private async Task OpenAsync(Socket socket, IPAddress address)
    {
        WebSocketConnection? connection = null;
        Transport? transport = null;
        try
        {
            transport = Adopt(socket);
            connection = await HandshakeAsync(transport).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException)
        {
            Log.HandshakeFailed(_logger, transport?.RemoteEndPoint, gone);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.ConnectionFailed(_logger, transport?.RemoteEndPoint, failure);
        }
        finally
        {
            _handshakes.Release(address);
            if (connection is null)
            {
                EndSession();
            }
        }

        if (connection is not null)
        {
            Serve(connection);
        }
    }

    private async Task<WebSocketConnection?> HandshakeAsync(Transport transport)
    {
        // One deadline over TLS and HTTP, which no byte extends; the server's stop ends it as well.
        using var deadline = new CancellationTokenSource(_options.HandshakeTimeout, _options.TimeProvider);
        using var stop = _stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);

        var handedOver = false;
        using var cut = deadline.Token.UnsafeRegister(static socket => ((Transport)socket!).Abort(), transport);
        try
        {
            if (_tls is not null)
            {
                var tls = new SslStream(transport.AsStream(), leaveInnerStreamOpen: false);
                transport = new StreamTransport(tls, transport, _options.BufferPool);
                await tls.AuthenticateAsServerAsync(_tls, deadline.Token).ConfigureAwait(false);
            }

            var connection = await UpgradeAsync(transport, deadline.Token).ConfigureAwait(false);
            handedOver = connection is not null;
            return connection;
        }
        finally
        {
            if (!handedOver)
            {
                await transport.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<WebSocketConnection?> UpgradeAsync(Transport transport, CancellationToken deadline)
    {
        var parser = new RequestParser(_options.HandshakeLimits);
        var (status, early) = await ReadRequestAsync(transport, parser).ConfigureAwait(false);
        if (status == RequestParseStatus.NeedMoreData)
        {
            Log.HandshakeFailed(_logger, transport.RemoteEndPoint, null);
            return null;
        }

        var output = new ArrayBufferWriter<byte>(256);
        if (status == RequestParseStatus.Refused)
        {
            return await RefuseAsync(transport, output, parser.Refusal).ConfigureAwait(false);
        }

        var request = parser.Request;
        if (!request.IsUpgradeRequest)
        {
            if (_options.OnHttpRequest is null)
            {
                return await RefuseAsync(transport, output, new(426, "This is a WebSocket server: an upgrade is required."), request.Method == "HEAD")
                    .ConfigureAwait(false);
            }

            var plain = await AskAsync(_options.OnHttpRequest, transport, request, deadline).ConfigureAwait(false) ?? PlainAnswer(request);
            return await AnswerAsync(transport, output, plain, headOnly: request.Method == "HEAD").ConfigureAwait(false);
        }

        if (!UpgradeNegotiator.TryAccept(request, _policy, isSecure: _tls is not null, out var accepted, out var refusal))
        {
            return await RefuseAsync(transport, output, refusal).ConfigureAwait(false);
        }

        if (early && _options.RefuseEarlyFrames)
        {
            return await RefuseAsync(transport, output, new(400, "Nothing may follow the request before it is answered.")).ConfigureAwait(false);
        }

        // Before the hook is asked: a ticket that is good once is not to be spent on a 503.
        if (!TryTakeConnection())
        {
            return await RefuseAsync(transport, output, new(503, "The server has as many connections as it may have.")).ConfigureAwait(false);
        }

        WebSocketConnection? connection = null;
        HttpResponse? answer;
        try
        {
            answer = await AskAsync(_options.OnUpgrade, transport, request, deadline).ConfigureAwait(false);
            if (answer is null && TryAgree(transport, request, accepted, out var extensions, out var deflate, out answer))
            {
                ResponseWriter.WriteSwitchingProtocols(output, accepted.Accept, accepted.SubProtocol, extensions);
                connection = new(
                    transport, EndpointRole.Server, _options, accepted.SubProtocol, request, masks: null, output.WrittenMemory, deflate, _stopping);
            }
        }
        finally
        {
            // Before the refusal is sent: whoever has read it must find the place free.
            if (connection is null)
            {
                Interlocked.Decrement(ref _open);
            }
        }

        return connection ?? await AnswerAsync(transport, output, answer!).ConfigureAwait(false);
    }

    // False where the user's choice has failed.
    private bool TryAgree(
        Transport transport,
        HttpRequest request,
        UpgradeAcceptance accepted,
        out string? extensions,
        out PerMessageDeflate? deflate,
        [NotNullWhen(false)] out HttpResponse? failed)
    {
        try
        {
            (extensions, deflate) = _deflate.Choose(request, accepted.ExtensionOffers);
            failed = null;
            return true;
        }
        catch (Exception failure)
        {
            Log.HookFailed(_logger, transport.RemoteEndPoint, failure);
            (extensions, deflate, failed) = (null, null, HttpResponse.Text(500, "The server failed to answer."));
            return false;
        }
    }

    // Reads until the request is whole or refused, or until the peer is gone; what lies behind it stays in the transport.
    private static async Task<(RequestParseStatus Status, bool Early)> ReadRequestAsync(Transport transport, RequestParser parser)
    {
        while (true)
        {
            var result = await transport.Input.ReadAsync().ConfigureAwait(false);
            var reader = new SequenceReader<byte>(result.Buffer);
            var status = parser.Parse(ref reader);
            var early = !reader.End;
            transport.Input.AdvanceTo(reader.Position);
            if (status != RequestParseStatus.NeedMoreData || result.IsCompleted)
            {
                return (status, early);
            }
        }
    }

    private async Task<HttpResponse?> AskAsync(
        Func<HttpRequest, CancellationToken, ValueTask<HttpResponse?>>? hook, Transport transport, HttpRequest request, CancellationToken deadline)
    {
        if (hook is null || (hook == _options.OnHttpRequest && request.Method != "GET"))
        {
            return null;
        }

        try
        {
            // A hook that does not look at its token is left behind at the deadline.
            return await hook(request, deadline).AsTask().WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (Exception failure) when (!deadline.IsCancellationRequested)
        {
            Log.HookFailed(_logger, transport.RemoteEndPoint, failure);
            return HttpResponse.Text(500, "The server failed to answer.");
        }
    }

    private static HttpResponse PlainAnswer(HttpRequest request) => request.Method == "GET"
        ? HttpResponse.Text(404, "There is nothing here.")
        : HttpResponse.Text(405, "Only GET is served here.", new KeyValuePair<string, string>("Allow", "GET"));

    private async Task<WebSocketConnection?> RefuseAsync(
        Transport transport, ArrayBufferWriter<byte> output, HttpRefusal refusal, bool headOnly = false)
    {
        Log.HandshakeRefused(_logger, transport.RemoteEndPoint, refusal.StatusCode, refusal.Reason);
        ResponseWriter.WriteRefusal(output, refusal, headOnly);
        return await SendLastAsync(transport, output).ConfigureAwait(false);
    }

    private static async Task<WebSocketConnection?> AnswerAsync(
        Transport transport, ArrayBufferWriter<byte> output, HttpResponse response, bool headOnly = false)
    {
        ResponseWriter.WriteResponse(output, response, headOnly);
        return await SendLastAsync(transport, output).ConfigureAwait(false);
    }

    // A socket closed with unread input sends a reset, which can destroy the answer on its way: so the peer's end is read first.
    private static async Task<WebSocketConnection?> SendLastAsync(Transport transport, ArrayBufferWriter<byte> output)
    {
        await transport.WriteAsync(new(output.WrittenMemory)).ConfigureAwait(false);
        await transport.ShutdownAsync().ConfigureAwait(false);
        while (true)
        {
            var result = await transport.Input.ReadAsync().ConfigureAwait(false);
            transport.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private bool TryTakeConnection()
    {
        if (Interlocked.Increment(ref _open) <= _options.MaxConnections)
        {
            return true;
        }

        Interlocked.Decrement(ref _open);
        return false;
    }

    private void Serve(WebSocketConnection connection)
    {
        // That of the server's start, or of the pool: the same for every session.
        _context ??= ExecutionContext.Capture();
        var slot = -1;
        Task handling;
        try
        {
            var count = _connections.Add(connection, out slot);
            if (_logger.IsEnabled(LogLevel.Information))
            {
                Log.Opened(_logger, connection.Id, connection.RemoteEndPoint, count);
            }

            connection.SendOpening();
            if (_stopping.IsCancellationRequested)
            {
                // The stop has told those in the list to go away; this one came too late for that.
                connection.StartClose(WebSocketCloseStatus.EndpointUnavailable, "the server is stopping");
            }

            handling = Handle(connection);
        }
        catch (Exception failure)
        {
            _ = FailAsync(connection, slot, failure);
            return;
        }

        new Session(this, connection, slot, handling).Wait();
    }

    // Out of memory as well: one array that was too large must not leave a connection that nobody serves.
    private Task Handle(WebSocketConnection connection)
    {
        try
        {
            return _handler(connection, _stopping) ?? throw new InvalidOperationException("The handler has given no task.");
        }
        catch (Exception thrown)
        {
            return Task.FromException(thrown);
        }
    }

    // The handler has ended.
    private async Task CloseAsync(WebSocketConnection connection, int slot, Task handling)
    {
        try
        {
            Exception? failure = null;
            try
            {
                await handling.ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }

            connection.StartClose(Judge(connection, failure));
        }
        catch (Exception failure)
        {
            await FailAsync(connection, slot, failure).ConfigureAwait(false);
            return;
        }

        await EndAsync(connection, slot).ConfigureAwait(false);
    }

    private async Task FailAsync(WebSocketConnection connection, int slot, Exception failure)
    {
        try
        {
            connection.StartClose(WebSocketCloseStatus.InternalServerError);
            Log.ConnectionFailed(_logger, connection.RemoteEndPoint, failure);
        }
        finally
        {
            await EndAsync(connection, slot).ConfigureAwait(false);
        }
    }

    // Whatever has failed before, and be it the log: the connection leaves the list, is closed, and is counted no more.
    private async Task EndAsync(WebSocketConnection connection, int slot)
    {
        try
        {
            // It leaves the list before it is closed, and must still be found where the stop cuts what is left.
            using var cut = _cut.Token.UnsafeRegister(static closing => ((WebSocketConnection)closing!).Abort(), connection);
            var count = slot < 0 ? _connections.Count : _connections.Remove(slot);
            await connection.DisposeAsync().ConfigureAwait(false);
            Log.Closed(_logger, connection.Id, connection.Closure, count);
        }
        catch (Exception failure)
        {
            Log.ConnectionFailed(_logger, connection.RemoteEndPoint, failure);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            EndSession();
        }
    }

    // What a client is told when its handler has ended. An exception ends its connection, and nothing else.
    private WebSocketCloseStatus Judge(WebSocketConnection connection, Exception? failure)
    {
        switch (failure)
        {
            case null:
            case OperationCanceledException when _stopping.IsCancellationRequested:
            case ConnectionClosedException when connection.State != WebSocketState.Open:
                return _stopping.IsCancellationRequested ? WebSocketCloseStatus.EndpointUnavailable : WebSocketCloseStatus.NormalClosure;
            default:
                Log.HandlerFailed(_logger, connection.Id, failure);
                return WebSocketCloseStatus.InternalServerError;
        }
    }

    // What waits for a handler's end: an asynchronous method would hold what it is to do then, and be a task, in each idle connection.
    private sealed class Session(SessionRunner runner, WebSocketConnection connection, int slot, Task handling)
    {
        public void Wait()
        {
            var handled = handling.ConfigureAwait(false).GetAwaiter();
            if (handled.IsCompleted)
            {
                Close();
            }
            else
            {
                handled.UnsafeOnCompleted(OnHandled);
            }
        }

        // In the session's context, not in that which the handler has ended in.
        private void OnHandled()
        {
            if (runner._context is { } context)
            {
                ExecutionContext.Run(context, static self => ((Session)self!).Close(), this);
            }
            else
            {
                Close();
            }
        }

        private void Close() => _ = runner.CloseAsync(connection, slot, handling);
    }
}
