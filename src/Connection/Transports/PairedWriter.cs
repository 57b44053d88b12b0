using System.IO.Pipelines;

namespace RawSocketChat;

/// <summary>
/// Waits as a socket does: for room before the next bytes, not for a reader after the last ones. A pipe's own writer waits until what it has
/// written is consumed, and a message is not consumed as long as its receiver looks at it.
/// </summary>
internal sealed class PairedWriter(PipeWriter writer) : PipeWriter
{
    private Task<FlushResult>? _last;
    private bool _hasMore;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        writer.Advance(bytes);
        _hasMore = true;
    }

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_hasMore)
        {
            return default;
        }

        if (_last is { } last)
        {
            var before = await last.WaitAsync(cancellationToken).ConfigureAwait(false);
            _last = null;
            if (before.IsCanceled)
            {
                return before;
            }
        }

        _hasMore = false;
        var flush = writer.FlushAsync(CancellationToken.None);
        if (flush.IsCompleted)
        {
            return await flush.ConfigureAwait(false);
        }

        _last = flush.AsTask();
        return default;
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => writer.CancelPendingFlush();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => writer.Complete(exception);
}
