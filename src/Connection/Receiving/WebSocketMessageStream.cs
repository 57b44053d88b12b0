using System.Net.WebSockets;

using RawSocketChat.Receiving;

namespace RawSocketChat;

/// <summary>
/// A message that is read while it arrives, whatever its length. For one reader at a time. Disposing it before its end skips the rest: at
/// once, by <see cref="DisposeAsync"/>, or with the next receive.
/// </summary>
public sealed class WebSocketMessageStream : Stream
{
    private readonly WebSocketConnection _connection;
    private readonly Receiver _receiver;
    private ReadOnlyMemory<byte> _piece;
    private bool _last;
    private bool _disposed;

    internal WebSocketMessageStream(WebSocketConnection connection, Receiver receiver)
    {
        _connection = connection;
        _receiver = receiver;
        Take();
        MessageType = receiver.Message.Type;
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType MessageType { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Not supported: the length of a fragmented message is not known before its end.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what has arrived, waiting only where nothing has.</summary>
    /// <param name="buffer">Where to; an empty one completes at once.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is lost.</param>
    /// <returns>How many bytes; 0 at the message's end.</returns>
    /// <exception cref="ConnectionClosedException">The connection ended before the message did.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (_piece.IsEmpty)
        {
            if (_last)
            {
                return 0;
            }

            await TakeNextAsync(cancellationToken).ConfigureAwait(false);
        }

        var length = Math.Min(buffer.Length, _piece.Length);
        _piece[..length].CopyTo(buffer);
        _piece = _piece[length..];
        return length;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: reading may wait for the network; use the asynchronous form.</summary>
    /// <param name="buffer">Ignored.</param>
    /// <param name="offset">Ignored.</param>
    /// <param name="count">Ignored.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Use ReadAsync.");

    /// <summary>Not supported.</summary>
    /// <param name="offset">Ignored.</param>
    /// <param name="origin">Ignored.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <param name="value">Ignored.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <param name="buffer">Ignored.</param>
    /// <param name="offset">Ignored.</param>
    /// <param name="count">Ignored.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Nothing to flush.</summary>
    public override void Flush()
    {
    }

    /// <summary>Skips what is left of the message, so that the next receive gets the next one.</summary>
    /// <returns>The completion.</returns>
    public override async ValueTask DisposeAsync()
    {
        while (!_disposed && !_last && await _receiver.MoveNextAsync(Wanted.NextPiece, CancellationToken.None).ConfigureAwait(false))
        {
            Take();
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Leaves it to the next receive to skip what is left of the message.</summary>
    /// <param name="disposing">True: there is no finalizer.</param>
    protected override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            Abandon();
        }

        base.Dispose(disposing);
    }

    private async ValueTask TakeNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await _receiver.MoveNextAsync(Wanted.NextPiece, cancellationToken).ConfigureAwait(false))
            {
                throw _connection.ClosedException();
            }

            Take();
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
        catch when (_disposed)
        {
            // While this read was pending: only now can the rest be left to the next receive.
            Abandon();
            throw;
        }
    }

    private void Abandon()
    {
        _piece = default;
        if (!_last)
        {
            _receiver.AbandonStream();
        }
    }

    private void Take()
    {
        _piece = _receiver.Message.Payload;
        _last = _receiver.EndOfMessage;
    }
}
