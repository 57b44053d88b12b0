using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>
/// A WebSocket server on raw TCP (RFC 6455): accepts, does the opening handshake, runs a handler for each connection, and broadcasts.
/// For any thread. Several may run in one process.
/// </summary>
public sealed class WebSocketServer : IAsyncDisposable
{
    private readonly WebSocketServerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    private WebSocketHandler? _handler;
    private AcceptLoop? _acceptLoop;
    private Task _broadcastLoop = Task.CompletedTask;
    private Task? _stop;
    private long _dropped;
    private long _closed;

    /// <summary>A server that is not started yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="handler">The handler; may be given later, to <see cref="StartAsync(WebSocketHandler, CancellationToken)"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds; the message names it, its value and the bound.</exception>
    public WebSocketServer(WebSocketServerOptions options, WebSocketHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _handler = handler;
        _logger = options.LoggerFactory.CreateLogger<WebSocketServer>();
    }

    /// <summary>The connections that are open.</summary>
    public ConnectionCollection Connections { get; } = new();

    /// <summary>The address and port that the server listens on: the real port, where 0 was asked for.</summary>
    /// <exception cref="InvalidOperationException">The server is not started.</exception>
    public IPEndPoint LocalEndPoint =>
        _acceptLoop?.LocalEndPoint ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>How many messages broadcasts have dropped because members were too slow.</summary>
    public long DroppedMessages => Interlocked.Read(ref _dropped);

    /// <summary>How many members broadcasts have closed because they were too slow.</summary>
    public long ClosedSlowConsumers => Interlocked.Read(ref _closed);

    /// <summary>Starts listening. When the task is done, clients can connect.</summary>
    /// <param name="cancellationToken">Not to start after all.</param>
    /// <returns>The completion.</returns>
    /// <exception cref="SocketException">The address cannot be listened on, such as for a port in use.</exception>
    /// <exception cref="InvalidOperationException">The server was started before, or has no handler.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_acceptLoop is not null || _stop is not null)
            {
                throw new InvalidOperationException("A server is started once.");
            }

            var handler = _handler ?? throw new InvalidOperationException("The server has no handler.");
            var loop = new AcceptLoop(_options, handler, Connections, _logger, _stopping.Token);
            loop.Start();
            _acceptLoop = loop;
        }

        if (_options.PeriodicBroadcast is { } periodic)
        {
            _broadcastLoop = new BroadcastLoop(this, periodic, _options.TimeProvider, _logger).RunAsync(_stopping.Token);
        }

        Log.Listening(_logger, LocalEndPoint, _acceptLoop.Transport);
        return Task.CompletedTask;
    }

    /// <summary>Starts listening with that handler.</summary>
    /// <param name="handler">The handler, which may refer to the server.</param>
    /// <param name="cancellationToken">Not to start after all.</param>
    /// <returns>The completion.</returns>
    /// <exception cref="SocketException">The address cannot be listened on, such as for a port in use.</exception>
    /// <exception cref="InvalidOperationException">The server was started before, or has a handler already.</exception>
    public Task StartAsync(WebSocketHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new InvalidOperationException("The server has a handler already.");
        }

        return StartAsync(cancellationToken);
    }

    /// <summary>Starts the server if need be, and runs until it is stopped.</summary>
    /// <param name="cancellationToken">Stops the server, gracefully.</param>
    /// <returns>Done when the server has stopped.</returns>
    /// <exception cref="SocketException">The address cannot be listened on, such as for a port in use.</exception>
    /// <exception cref="InvalidOperationException">The server has no handler, or was stopped before.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_acceptLoop is null)
        {
            await StartAsync(CancellationToken.None).ConfigureAwait(false);
        }

        using var registration = cancellationToken.UnsafeRegister(static server => _ = ((WebSocketServer)server!).StopAsync(), this);
        await _stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Starts the server with that handler, and runs until it is stopped.</summary>
    /// <param name="handler">The handler, which may refer to the server.</param>
    /// <param name="cancellationToken">Stops the server, gracefully.</param>
    /// <returns>Done when the server has stopped.</returns>
    /// <exception cref="SocketException">The address cannot be listened on, such as for a port in use.</exception>
    /// <exception cref="InvalidOperationException">The server was started before, or has a handler already.</exception>
    public async Task RunAsync(WebSocketHandler handler, CancellationToken cancellationToken = default)
    {
        await StartAsync(handler, CancellationToken.None).ConfigureAwait(false);
        await RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops: accepts nobody any more, tells every connection to go away (status 1001), waits for them, at most for
    /// <see cref="WebSocketServerOptions.StopTimeout"/>, and cuts those that are left. Stopping twice is no error.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting: what is left is cut at once. Only the first call's token counts.</param>
    /// <returns>Done when the server has stopped.</returns>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return _stop ??= StopOnceAsync(cancellationToken);
        }
    }

    /// <summary>Sends a message to every connection. Never waits: a member that is too slow is treated as the policy says.</summary>
    /// <param name="message">The message, encoded once for all.</param>
    /// <param name="except">A connection that does not get it, such as its sender; may be null.</param>
    /// <returns>What became of it.</returns>
    public BroadcastResult Broadcast(PreparedMessage message, WebSocketConnection? except = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var dropOldest = _options.SlowConsumerPolicy == SlowConsumerPolicy.DropOldest;
        var (accepted, dropped, closed) = (0, 0, 0);
        using var cork = WebSocketConnection.Cork();
        foreach (var connection in Connections)
        {
            if (connection == except)
            {
                continue;
            }

            var result = connection.TrySend(message, dropOldest, out var droppedOlder);
            dropped += droppedOlder;
            if (result == TrySendResult.Accepted)
            {
                accepted++;
            }
            else if (result == TrySendResult.Full && _options.SlowConsumerPolicy != SlowConsumerPolicy.Close)
            {
                dropped++;
            }
            else if (result == TrySendResult.Full
                && connection.StartClose(WebSocketCloseStatus.PolicyViolation, "too slow for the broadcast", discardWaiting: true))
            {
                closed++;
                Log.SlowConsumerClosed(_logger, connection.Id);
            }
        }

        if (dropped + closed > 0)
        {
            Interlocked.Add(ref _dropped, dropped);
            Interlocked.Add(ref _closed, closed);
        }

        return new(accepted, dropped, closed);
    }

    /// <summary>Sends a text message to every connection: see <see cref="Broadcast(PreparedMessage, WebSocketConnection?)"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="except">A connection that does not get it; may be null.</param>
    /// <returns>What became of it.</returns>
    public BroadcastResult Broadcast(string text, WebSocketConnection? except = null) => Broadcast(PreparedMessage.FromText(text), except);

    /// <summary>Sends a received message on to every connection: see <see cref="Broadcast(PreparedMessage, WebSocketConnection?)"/>.</summary>
    /// <param name="message">The message; its payload is copied once.</param>
    /// <param name="except">A connection that does not get it; may be null.</param>
    /// <returns>What became of it.</returns>
    public BroadcastResult Broadcast(WebSocketMessage message, WebSocketConnection? except = null) =>
        Broadcast(
            message.Type == WebSocketMessageType.Text ? PreparedMessage.FromText(message.Span) : PreparedMessage.FromBinary(message.Span),
            except);

    /// <summary>Stops the server.</summary>
    /// <returns>The completion.</returns>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        var loop = _acceptLoop;
        loop?.Dispose();
        if (loop is not null)
        {
            Log.Stopping(_logger, Connections.Count);
        }

        // First the close frames, then the token: whichever way a handler ends now, 1001 is what its client is told. Then once more, for
        // those who came in between.
        TellToGoAway();
        _ = CancelAsync();
        TellToGoAway();
        if (loop is not null)
        {
            await loop.EndAsync(cancellationToken).ConfigureAwait(false);
        }

        await EndBroadcastLoopAsync().ConfigureAwait(false);
        _stopped.TrySetResult();
    }

    private void TellToGoAway()
    {
        foreach (var connection in Connections)
        {
            connection.StartClose(WebSocketCloseStatus.EndpointUnavailable, "the server is stopping");
        }
    }

    // Not waited for: what handlers have registered with the token may block, or throw, as it likes.
    private async Task CancelAsync()
    {
        try
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException failure)
        {
            Log.StopCallbackFailed(_logger, failure);
        }
    }

    // It ends by the token at once, unless a handler's callback holds that up, or the user's code blocks.
    private async Task EndBroadcastLoopAsync()
    {
        try
        {
            await _broadcastLoop.WaitAsync(_options.CloseTimeout, _options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException failure)
        {
            Log.PeriodicBroadcastFailed(_logger, failure);
        }
    }
}
