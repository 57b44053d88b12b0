using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

using RawSocketChat.Framing;
using RawSocketChat.Sending;

namespace RawSocketChat.Adapters;

/// <summary>
/// The sending half of <see cref="ConnectionPipe"/>. What is flushed together is one binary message; a flush waits for room in the
/// connection's outgoing buffer, which is the backpressure of the peer.
/// </summary>
internal sealed class ConnectionPipeWriter(WebSocketConnection connection, OpenMessage message, ArrayPool<byte> pool, Action onCompleted)
    : PipeWriter
{
    private const int SmallestBuffer = 4 * 1024;
    private const int LargestBuffer = 64 * 1024;

    // What is written and not flushed. More than one are the fragments of one message: none is copied together.
    private readonly Queue<(byte[] Buffer, int Length)> _full = new();
    private readonly Interruption _interruption = new();
    private byte[]? _buffer;
    private int _length;
    private long _unflushed;
    private Task? _completion;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _unflushed;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_buffer is null || _buffer.Length - _length < Math.Max(sizeHint, 1))
        {
            SetAside();
            var wanted = (int)Math.Clamp(_unflushed, SmallestBuffer, LargestBuffer);
            (_buffer, _length) = (pool.Rent(Math.Max(sizeHint, wanted)), 0);
        }

        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_buffer?.Length ?? 0) - _length);
        _length += bytes;
        _unflushed += bytes;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        SetAside();
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FlushResult>(cancellationToken) : SendAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => _interruption.Request();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _completion ??= CompleteOnceAsync(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Complete(exception);
        return new(_completion!);
    }

    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        if (_interruption.Take())
        {
            return new(isCanceled: true, isCompleted: false);
        }

        var interrupted = _interruption.Token;
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, interrupted)
            : null;
        try
        {
            await SendAllAsync(linked?.Token ?? interrupted).ConfigureAwait(false);
            return new(isCanceled: false, isCompleted: connection.State is not (WebSocketState.Open or WebSocketState.CloseReceived));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _interruption.Take())
        {
            return new(isCanceled: true, isCompleted: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ConnectionClosedException ended) when (ended.Closure is null or { Cause: CloseCause.ClosingHandshake })
        {
            // As where the reader of a pipe has completed.
            Discard();
            return new(isCanceled: false, isCompleted: true);
        }
    }

    // A fragment whose wait for room is cancelled has not been sent: the next flush goes on with it, in the same message.
    private async ValueTask SendAllAsync(CancellationToken cancellationToken)
    {
        while (_full.TryPeek(out var next))
        {
            var isFinal = _full.Count == 1;
            await message.SendAsync(next.Buffer.AsMemory(0, next.Length), Opcode.Binary, isFinal, isPlain: false, cancellationToken)
                .ConfigureAwait(false);
            _unflushed -= next.Length;
            _full.Dequeue();
            pool.Return(next.Buffer);
        }
    }

    private async Task CompleteOnceAsync(Exception? exception)
    {
        try
        {
            if (exception is null)
            {
                SetAside();
                await SendAllAsync(CancellationToken.None).ConfigureAwait(false);
                connection.StartClose(WebSocketCloseStatus.NormalClosure, reason: null, discardWaiting: false, isHalfClose: true);
            }
            else
            {
                connection.StartClose(WebSocketCloseStatus.InternalServerError, "the sender of the bytes has failed");
            }
        }
        catch (ConnectionClosedException)
        {
            // There is nobody to send it to; the reader tells how the connection ended.
        }
        finally
        {
            Discard();
            onCompleted();
        }
    }

    private void SetAside()
    {
        if (_buffer is null)
        {
            return;
        }

        if (_length > 0)
        {
            _full.Enqueue((_buffer, _length));
        }
        else
        {
            pool.Return(_buffer);
        }

        (_buffer, _length) = (null, 0);
    }

    private void Discard()
    {
        SetAside();
        while (_full.TryDequeue(out var next))
        {
            pool.Return(next.Buffer);
        }

        _unflushed = 0;
    }

    private void ThrowIfCompleted()
    {
        if (_completion is not null)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
