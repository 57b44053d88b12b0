using System.Buffers;
using System.IO.Pipelines;

namespace RawSocketChat;

/// <summary>A transport over any duplex pipe: in memory, or somebody else's connection.</summary>
/// <remarks>
/// The memory that the pipe's reader shows must be writable: payloads are unmasked where they lie. It is the pipe's: a message that lies in
/// it is not valid any more when the connection is told to close.
/// </remarks>
public sealed class PipeTransport : Transport
{
    // What the writer's buffer is to grow by at most before the other end has a say.
    private const int MostBytesInOneFlush = 64 * 1024;

    private readonly IDuplexPipe _pipe;
    private readonly object _gate = new();
    private long _written;
    private bool _writing;
    private bool _aborted;

    /// <summary>Takes over a pipe.</summary>
    /// <param name="pipe">The pipe; both ends of it are completed by the transport.</param>
    /// <exception cref="ArgumentNullException"><paramref name="pipe"/> is null.</exception>
    public PipeTransport(IDuplexPipe pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        _pipe = pipe;
    }

    /// <inheritdoc/>
    public override PipeReader Input => _pipe.Input;

    /// <inheritdoc/>
    public override long WriteProgress => Volatile.Read(ref _written);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
    {
        lock (_gate)
        {
            ThrowIfAborted();
            _writing = true;
        }

        try
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes.Slice(0, Math.Min(bytes.Length, MostBytesInOneFlush));
                await WritePieceAsync(piece).ConfigureAwait(false);
                Volatile.Write(ref _written, _written + piece.Length);
                bytes = bytes.Slice(piece.End);
            }
        }
        finally
        {
            EndWrite();
        }
    }

    /// <inheritdoc/>
    public override ValueTask ShutdownAsync() => _pipe.Output.CompleteAsync();

    /// <inheritdoc/>
    public override void Abort()
    {
        bool isWriting;
        lock (_gate)
        {
            if (_aborted)
            {
                return;
            }

            _aborted = true;
            isWriting = _writing;
        }

        _pipe.Input.CancelPendingRead();
        if (isWriting)
        {
            // A writer is for one at a time: the write that is under way completes it.
            _pipe.Output.CancelPendingFlush();
        }
        else
        {
            CompleteAborted();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        await _pipe.Input.CompleteAsync().ConfigureAwait(false);
    }

    private async ValueTask WritePieceAsync(ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            _pipe.Output.Write(segment.Span);
        }

        var result = await _pipe.Output.FlushAsync().ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("The other end of the pipe does not read any more.");
        }
    }

    private void EndWrite()
    {
        bool wasAborted;
        lock (_gate)
        {
            _writing = false;
            wasAborted = _aborted;
        }

        if (wasAborted)
        {
            CompleteAborted();
        }
    }

    private void ThrowIfAborted()
    {
        if (_aborted)
        {
            throw new IOException("The connection has been aborted.");
        }
    }

    private void CompleteAborted() => _pipe.Output.Complete(new IOException("The other end has aborted the connection."));
}
