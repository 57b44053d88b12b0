using System.Net.WebSockets;
using System.Text;

using Microsoft.Extensions.Logging;

using RawSocketChat.Dialing;
using RawSocketChat.Framing;
using RawSocketChat.Reconnecting;

namespace RawSocketChat;

/// <summary>
/// A client that connects again whenever its connection ends, until it is closed or the cause is final: messages of all its connections in
/// one loop, sends to the one that is open. For any thread; reading is for one loop at a time.
/// </summary>
/// <remarks>
/// <para>Nothing is ever sent twice. A send is done when its message has been handed to a connection, and fails where it was not; what the
/// peer has of a connection that ended uncleanly cannot be known, which is why every end is told by
/// <see cref="ReconnectOptions.OnStateChanged"/>.</para>
/// <para>As with a single connection, pings are answered and ends are noticed while somebody reads.</para>
/// </remarks>
public sealed class ReconnectingWebSocketClient : IAsyncDisposable
{
    private readonly Uri _uri;
    private readonly WebSocketClientOptions _options;
    private readonly ReconnectOptions _reconnect;
    private readonly Func<Uri, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> _connect;
    private readonly ILogger _logger;
    private readonly SessionFeed _feed = new();
    private readonly OutgoingQueue _outgoing;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    private ReconnectStatus _status = new(ReconnectState.Idle, 0, TimeSpan.Zero, null, null);
    private (WebSocketCloseStatus Status, string? Reason) _close = (WebSocketCloseStatus.NormalClosure, null);
    private readonly AsyncLocal<ReconnectStatus?> _toldHere = new();

    // Those that have ended and are perhaps not disposed yet. The one that reconnects adds to them; whoever disposes comes after it.
    private readonly List<Session> _left = [];
    private ReconnectStatus? _told;
    private bool _started;

    /// <summary>A client that is not started: the first read or <see cref="ConnectAsync"/> starts it.</summary>
    /// <param name="uri">The URI, as <see cref="WebSocketClient.ConnectAsync"/> takes it.</param>
    /// <param name="options">The options of each connection; null for the defaults. Their clock is also the one for the delays.</param>
    /// <param name="reconnect">How it comes back; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URI or an option is out of its bounds.</exception>
    public ReconnectingWebSocketClient(Uri uri, WebSocketClientOptions? options = null, ReconnectOptions? reconnect = null)
        : this(uri, options, reconnect, WebSocketClient.ConnectAsync)
    {
    }

    /// <summary>The same, with another way to connect.</summary>
    internal ReconnectingWebSocketClient(
        Uri uri,
        WebSocketClientOptions? options,
        ReconnectOptions? reconnect,
        Func<Uri, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> connect)
    {
        _connect = connect;
        ClientTarget.Of(uri);
        _uri = uri;
        _options = options ?? new();
        _options.Validate();
        _reconnect = reconnect ?? new();
        _reconnect.Validate();
        _logger = _options.LoggerFactory.CreateLogger<ReconnectingWebSocketClient>();
        _outgoing = new(_reconnect.MaxQueuedMessages);
    }

    /// <summary>Where the client is now.</summary>
    public ReconnectStatus Status => Volatile.Read(ref _status);

    /// <summary>Starts the client and waits for its first connection.</summary>
    /// <param name="cancellationToken">Ends the wait, not the client.</param>
    /// <returns>Done when there has been a connection.</returns>
    /// <exception cref="NotConnectedException">The client has ended before there was one; the exception tells why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        Start();
        if (!await _feed.WaitForFirstAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new NotConnectedException("The client has ended before it was connected.", Status.Cause);
        }
    }

    /// <summary>
    /// All messages to come, of each connection in turn, each one's in order. Starts the client. The loop ends when the client has ended;
    /// <see cref="Status"/> tells why.
    /// </summary>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>; the client goes on.</param>
    /// <returns>The messages; each is lent until the loop asks for the next.</returns>
    public IAsyncEnumerable<WebSocketMessage> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        Start();
        return _feed.ReadAllAsync(cancellationToken);
    }

    /// <summary>Sends a text message: see <see cref="SendAsync(ReadOnlyMemory{byte}, WebSocketMessageType, CancellationToken)"/>.</summary>
    /// <param name="text">The text; a lone surrogate is sent as U+FFFD.</param>
    /// <param name="cancellationToken">Takes the message back as long as it has not been handed to a connection.</param>
    /// <returns>Done when a connection has the message.</returns>
    /// <exception cref="NotConnectedException">There is no connection, and no room to wait for one; or the client has ended.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="ReconnectOptions.OnStateChanged"/> sends by the client what would wait for the callback's end.
    /// </exception>
    /// <exception cref="ConnectionClosedException">The connection ended meanwhile. The message is not sent again.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellationToken);
    }

    /// <summary>
    /// Sends a message on the connection that is open. Where there is none, it waits for the next one, if
    /// <see cref="ReconnectOptions.MaxQueuedMessages"/> lets it, and goes out in the order of the calls.
    /// </summary>
    /// <param name="payload">The payload: for text, UTF-8. The memory is used until the task is done.</param>
    /// <param name="type">Text or binary.</param>
    /// <param name="cancellationToken">Takes the message back as long as it has not been handed to a connection.</param>
    /// <returns>Done when a connection has the message; not a sign that the peer has it.</returns>
    /// <exception cref="NotConnectedException">There is no connection, and no room to wait for one; or the client has ended.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="ReconnectOptions.OnStateChanged"/> sends by the client what would wait for the callback's end.
    /// </exception>
    /// <exception cref="ConnectionClosedException">The connection ended meanwhile. The message is not sent again.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, WebSocketMessageType type, CancellationToken cancellationToken = default) =>
        type is WebSocketMessageType.Text or WebSocketMessageType.Binary
            ? _outgoing.SendAsync(new(payload, type, Prepared: null), MayWait, cancellationToken)
            : throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary.");

    /// <summary>Sends a message that was encoded before: see <see cref="SendAsync(ReadOnlyMemory{byte}, WebSocketMessageType, CancellationToken)"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Takes the message back as long as it has not been handed to a connection.</param>
    /// <returns>Done when a connection has the message.</returns>
    /// <exception cref="NotConnectedException">There is no connection, and no room to wait for one; or the client has ended.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="ReconnectOptions.OnStateChanged"/> sends by the client what would wait for the callback's end.
    /// </exception>
    /// <exception cref="ConnectionClosedException">The connection ended meanwhile. The message is not sent again.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _outgoing.SendAsync(new(default, default, message), MayWait, cancellationToken);
    }

    /// <summary>Sends a message if there is a connection with room for it and nobody waits; never waits itself.</summary>
    /// <param name="payload">The payload: for text, UTF-8. It is copied.</param>
    /// <param name="type">Text or binary.</param>
    /// <returns>Whether a connection has taken it.</returns>
    public bool TrySend(ReadOnlyMemory<byte> payload, WebSocketMessageType type) => _outgoing.Direct?.TrySend(payload, type) == true;

    /// <summary>Sends a message if there is a connection with room for it and nobody waits; never waits itself.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Whether a connection has taken it.</returns>
    public bool TrySend(PreparedMessage message) => _outgoing.Direct?.TrySend(message) == true;

    /// <summary>
    /// Closes the connection that is open, as <see cref="WebSocketConnection.CloseAsync"/> does, or gives up the attempt that is under way,
    /// and connects no more. Messages that still wait are told to their senders as not sent. The first call's status counts.
    /// </summary>
    /// <param name="status">The status; <see cref="WebSocketCloseStatus.Empty"/> for none.</param>
    /// <param name="reason">The reason, of which at most 123 bytes of UTF-8 are sent.</param>
    /// <param name="cancellationToken">Ends the wait, not the closing.</param>
    /// <returns>Done when the client has ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> must not be sent (RFC 6455 §7.4).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null, CancellationToken cancellationToken = default)
    {
        if (status != WebSocketCloseStatus.Empty && !ClosePayload.IsValidStatus((int)status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), (int)status, "The status code must not appear on the wire (RFC 6455 §7.4).");
        }

        bool isStarted;
        lock (_gate)
        {
            if (!_closing.IsCancellationRequested)
            {
                _close = (status, reason);
            }

            isStarted = _started;
            _started = true;
        }

        try
        {
            await _closing.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException failure)
        {
            // What others have registered with the callback's token is theirs.
            Log.StateCallbackFailed(_logger, failure);
        }

        if (!isStarted)
        {
            await EndAsync(0, null).ConfigureAwait(false);
        }

        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes the client with status 1000 where it is not closed yet, and gives back every buffer. Messages received before are not valid
    /// any more.
    /// </summary>
    /// <returns>The completion.</returns>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        // Whoever comes second waits for the first.
        await Task.WhenAll(_left.Select(static session => session.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    // Not what the callback runs while it is waited for: it would wait for itself.
    private bool MayWait => _toldHere.Value is not { } told || !ReferenceEquals(told, Volatile.Read(ref _told));

    private void Start()
    {
        lock (_gate)
        {
            if (_started)
            {
                return;
            }

            _started = true;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        ReconnectCause? cause = null;

        // In a row without a healthy connection. There is a delay before the first attempt after a healthy one, too.
        var attempts = 0;
        var delays = 0;
        try
        {
            while (true)
            {
                (WebSocketConnection Connection, Uri Uri)? opened = null;
                try
                {
                    opened = await ConnectOnceAsync(attempts + 1, cause).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OutOfMemoryException && !_closing.IsCancellationRequested)
                {
                    cause = new(null, failure);
                }

                var isHealthy = false;
                if (opened is var (connection, uri))
                {
                    isHealthy = await ServeAsync(connection, uri, attempts + 1).ConfigureAwait(false);
                    cause = new(connection.Closure, null);
                }

                (attempts, delays) = isHealthy ? (0, 0) : (attempts + 1, delays);
                if (_closing.IsCancellationRequested || attempts >= _reconnect.MaxAttempts || !_reconnect.ShouldReconnect(cause!))
                {
                    return;
                }

                var delay = Backoff.Next(_reconnect, ++delays);
                Log.Waiting(_logger, attempts + 1, delay, cause!);
                await TellAsync(new(ReconnectState.Waiting, attempts + 1, delay, null, cause)).ConfigureAwait(false);
                await Task.Delay(delay, _options.TimeProvider, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed while it was away; the cause is that of the end before.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The user's own judgement has failed: without one there is no going on.
            cause = new(cause?.Closure, failure);
        }
        finally
        {
            await EndAsync(attempts, cause).ConfigureAwait(false);
        }
    }

    private async Task<(WebSocketConnection Connection, Uri Uri)> ConnectOnceAsync(int attempt, ReconnectCause? cause)
    {
        await TellAsync(new(ReconnectState.Connecting, attempt, TimeSpan.Zero, null, cause)).ConfigureAwait(false);
        var target = new ReconnectTarget(_uri);
        if (_reconnect.GetTarget is { } ask)
        {
            target = await ask(attempt, _closing.Token).AsTask().OrLeaveBehindAsync(_closing.Token).ConfigureAwait(false)
                ?? throw new ArgumentException($"{nameof(ReconnectOptions.GetTarget)} returned null.");
        }

        return (await _connect(target.Uri, target.Options ?? _options, _closing.Token).ConfigureAwait(false), target.Uri);
    }

    // Until the connection has ended; tells whether it has lived long enough.
    private async Task<bool> ServeAsync(WebSocketConnection connection, Uri uri, int attempt)
    {
        var opened = _options.TimeProvider.GetTimestamp();
        var session = new Session((_feed.Current?.Number ?? 0) + 1, connection);
        Log.Reconnected(_logger, connection.Id, Log.Place(uri), attempt);
        await TellAsync(new(ReconnectState.Open, attempt, TimeSpan.Zero, connection, null)).ConfigureAwait(false);

        // Where the client was closed meanwhile, a login is perhaps still under way: nobody else gets the connection.
        if (!_closing.IsCancellationRequested)
        {
            _outgoing.Open(connection);
            _feed.Publish(session);
            await EndOrClosingAsync(connection).ConfigureAwait(false);
        }

        if (_closing.IsCancellationRequested)
        {
            await connection.CloseAsync(_close.Status, _close.Reason).ConfigureAwait(false);
        }

        var lived = _options.TimeProvider.GetElapsedTime(opened);
        _outgoing.Close(new(connection.Closure, null));

        _left.RemoveAll(static one => one.IsDisposed);
        _left.Add(session);
        session.End();
        return lived >= _reconnect.HealthyAfter;
    }

    private async Task EndOrClosingAsync(WebSocketConnection connection)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ended = connection.Closed.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), over);
        using var closing = _closing.Token.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), over);
        await over.Task.ConfigureAwait(false);
    }

    private async Task EndAsync(int attempts, ReconnectCause? cause)
    {
        if (!_closing.IsCancellationRequested)
        {
            Log.Ended(_logger, cause);
        }

        var told = new ReconnectStatus(ReconnectState.Ended, attempts, TimeSpan.Zero, null, cause);
        Volatile.Write(ref _status, told);
        _outgoing.End(cause);
        _feed.End();
        _ended.TrySetResult();
        await TellAsync(told).ConfigureAwait(false);
    }

    // The callback's errors are its own; and at the client's end it is waited for no longer.
    private async Task TellAsync(ReconnectStatus status)
    {
        Volatile.Write(ref _status, status);
        if (_reconnect.OnStateChanged is not { } callback)
        {
            return;
        }

        Volatile.Write(ref _told, status);
        _toldHere.Value = status;
        try
        {
            var told = callback(status, _closing.Token).AsTask();
            await told.WaitAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The client is being closed.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.StateCallbackFailed(_logger, failure);
        }
        finally
        {
            Volatile.Write(ref _told, null);
        }
    }
}
