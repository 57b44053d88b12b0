using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

using RawSocketChat.Framing;
using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat.Adapters;

/// <summary>A connection as the BCL's <see cref="WebSocket"/>: see <see cref="WebSocketConnection.AsWebSocket"/>.</summary>
internal sealed class ConnectionWebSocket(WebSocketConnection connection, Receiver receiver, FrameSender sender) : WebSocket
{
    // RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less", two of which are the status.
    private const int LongestReason = FrameHeader.MaxControlPayload - 2;

    private readonly MessagePieces _pieces = new(receiver);
    private readonly OpenMessage _openMessage = new(sender);

    // Taken while bytes are copied out of the connection's buffers: disposing gives these back.
    private readonly object _copying = new();
    private int _isReceiving;
    private volatile WebSocketState _stateWhenDisposed;

    /// <inheritdoc/>
    public override WebSocketState State => IsDisposed ? _stateWhenDisposed : connection.State;

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => connection.CloseStatus;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => connection.CloseStatusDescription;

    /// <inheritdoc/>
    public override string? SubProtocol => connection.SubProtocol;

    private bool IsDisposed => _stateWhenDisposed != WebSocketState.None;

    /// <inheritdoc/>
    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        ThrowIfNoArray(buffer);
        var result = await ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
        return result.MessageType == WebSocketMessageType.Close
            ? new(0, WebSocketMessageType.Close, endOfMessage: true, CloseStatus, CloseStatusDescription)
            : new(result.Count, result.MessageType, result.EndOfMessage);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ThrowUnless(State is WebSocketState.Open or WebSocketState.CloseSent);
        if (Interlocked.Exchange(ref _isReceiving, 1) != 0)
        {
            throw new InvalidOperationException("Another receive on this WebSocket is pending: its messages are received one at a time.");
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_pieces.HasPiece || await _pieces.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                return Copy(buffer.Span);
            }

            if (connection.Closure is null && connection.CloseStatus is null)
            {
                // A close that has begun meanwhile receives in this one's place: its end is this one's.
                await connection.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
            }

            return Ended();
        }
        finally
        {
            Volatile.Write(ref _isReceiving, 0);
        }
    }

    /// <inheritdoc/>
    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        ThrowIfNoArray(buffer);
        return SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        SendAsync(buffer, messageType, endOfMessage ? WebSocketMessageFlags.EndOfMessage : WebSocketMessageFlags.None, cancellationToken);

    /// <summary>Sends a message or a fragment of one.</summary>
    /// <param name="buffer">The payload, used until the task is done.</param>
    /// <param name="messageType">Text or binary; of all fragments of a message the same.</param>
    /// <param name="messageFlags">
    /// Whether the message ends here, and whether it is not to be compressed where compression was agreed on: for what holds a secret next to what
    /// others may choose. Of a message in fragments, what the first one says counts.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for room in the outgoing buffer; then nothing of the buffer was sent.</param>
    /// <returns>Done when the buffer is the caller's again.</returns>
    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, WebSocketMessageFlags messageFlags, CancellationToken cancellationToken)
    {
        if (messageType is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
        {
            throw new ArgumentException($"A message is text or binary, not {messageType}.", nameof(messageType));
        }

        ThrowUnless(State is WebSocketState.Open or WebSocketState.CloseReceived);
        var opcode = messageType == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        var sending = _openMessage.SendAsync(
            buffer,
            opcode,
            isFinal: messageFlags.HasFlag(WebSocketMessageFlags.EndOfMessage),
            isPlain: messageFlags.HasFlag(WebSocketMessageFlags.DisableCompression),
            cancellationToken);
        return sending.IsCompletedSuccessfully ? default : TranslateAsync(sending);
    }

    /// <inheritdoc/>
    public override async Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        Check(closeStatus, statusDescription);
        ThrowUnless(State is WebSocketState.Open or WebSocketState.CloseReceived or WebSocketState.CloseSent);
        lock (_copying)
        {
            // What is read from here on may be read into the memory of what is left of the present piece.
            _pieces.Drop();
        }

        await connection.CloseAsync(closeStatus, statusDescription, cancellationToken).ConfigureAwait(false);
        ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override async Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        Check(closeStatus, statusDescription);
        ThrowUnless(State is WebSocketState.Open or WebSocketState.CloseReceived);
        cancellationToken.ThrowIfCancellationRequested();
        connection.StartClose(closeStatus, statusDescription, discardWaiting: false, isHalfClose: true);
        sender.Flush();
        await sender.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override void Abort() => connection.Abort();

    /// <inheritdoc/>
    public override void Dispose()
    {
        WebSocketState state;
        lock (_copying)
        {
            if (IsDisposed)
            {
                return;
            }

            state = connection.State;
            _stateWhenDisposed = state == WebSocketState.Aborted ? WebSocketState.Aborted : WebSocketState.Closed;
        }

        // A close frame that was sent is not to be lost in a reset.
        if (state != WebSocketState.Closed && (state != WebSocketState.CloseSent || Volatile.Read(ref _isReceiving) != 0))
        {
            connection.Abort();
        }

        _ = DisposeConnectionAsync();
    }

    private async Task DisposeConnectionAsync()
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Nobody waits for it; the connection has ended before.
        }
    }

    private ValueWebSocketReceiveResult Copy(Span<byte> target)
    {
        lock (_copying)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(WebSocket));
            var length = _pieces.CopyTo(target);
            return new(length, _pieces.Type, endOfMessage: !_pieces.HasPiece && !_pieces.IsInMessage);
        }
    }

    private ValueWebSocketReceiveResult Ended() => connection.Closure is null or { Cause: CloseCause.ClosingHandshake }
        ? new(0, WebSocketMessageType.Close, endOfMessage: true)
        : throw Failure();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask TranslateAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (ConnectionClosedException)
        {
            throw Failure();
        }
    }

    private void ThrowIfFailed()
    {
        if (connection.Closure is { Cause: not CloseCause.ClosingHandshake })
        {
            throw Failure();
        }
    }

    // Where the connection ended under a call that was legal when it began.
    private Exception Failure()
    {
        var reason = connection.ClosedException();
        return reason.Closure?.Cause switch
        {
            null or CloseCause.ClosingHandshake => new WebSocketException(WebSocketError.InvalidState, reason),
            CloseCause.Aborted => new OperationCanceledException(nameof(WebSocketState.Aborted), reason),
            CloseCause.ProtocolViolation => new WebSocketException(WebSocketError.Faulted, reason),
            _ => new WebSocketException(WebSocketError.ConnectionClosedPrematurely, reason),
        };
    }

    private void ThrowUnless(bool isLegal)
    {
        if (!isLegal)
        {
            throw new WebSocketException(
                WebSocketError.InvalidState, $"The WebSocket is in the state {State}, which does not allow this.", connection.ClosedException());
        }

        ObjectDisposedException.ThrowIf(IsDisposed, typeof(WebSocket));
    }

    private static void ThrowIfNoArray(ArraySegment<byte> buffer) => ArgumentNullException.ThrowIfNull(buffer.Array, nameof(buffer));

    private static void Check(WebSocketCloseStatus status, string? description)
    {
        if (status == WebSocketCloseStatus.Empty && !string.IsNullOrEmpty(description))
        {
            throw new ArgumentException("A close frame without a status has no reason either (RFC 6455 §5.5.1).", nameof(description));
        }

        if (status != WebSocketCloseStatus.Empty && !ClosePayload.IsValidStatus((int)status))
        {
            throw new ArgumentException($"The status code {(int)status} must not appear on the wire (RFC 6455 §7.4).", nameof(status));
        }

        if (description is not null && Encoding.UTF8.GetByteCount(description) > LongestReason)
        {
            throw new ArgumentException($"A reason has at most {LongestReason} bytes of UTF-8 (RFC 6455 §5.5).", nameof(description));
        }
    }
}
