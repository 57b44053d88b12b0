using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace RawSocketChat.Adapters;

/// <summary>
/// The receiving half of <see cref="ConnectionPipe"/>. Shows each piece where it was received; nothing is received before everything that is
/// there has been examined, which is the backpressure on the peer.
/// </summary>
internal sealed class ConnectionPipeReader(BinaryPieces pieces, ArrayPool<byte> pool, Action onCompleted) : PipeReader
{
    private readonly KeptBytes _kept = new(pool);
    private readonly Interruption _interruption = new();
    private ReadOnlySequence<byte> _shown;
    private bool _isExamined = true;
    private bool _isAtEnd;
    private bool _isCompleted;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        var isCanceled = _interruption.Take();
        if (!isCanceled && _isExamined && !_isAtEnd)
        {
            result = default;
            return false;
        }

        result = Show(isCanceled);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ReadResult>(cancellationToken)
        : TryRead(out var result) ? new(result)
        : ReceiveAsync(cancellationToken);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        var start = _shown.GetOffset(_shown.Start);
        var taken = checked((int)(_shown.GetOffset(consumed) - start));
        var looked = _shown.GetOffset(examined) - start;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(taken, looked, nameof(consumed));
        _isExamined = looked == _shown.Length;
        _shown = default;
        var takenFromKept = Math.Min(taken, _kept.Length);
        _kept.Take(takenFromKept);
        pieces.Take(taken - takenFromKept);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => _interruption.Request();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        _isCompleted = true;
        _shown = default;
        _kept.Clear();
        pieces.Drop();
        onCompleted();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        // The next receive takes the memory of the piece back.
        _kept.Append(pieces.Rest.Span);
        pieces.Drop();
        var interrupted = _interruption.Token;
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, interrupted)
            : null;
        try
        {
            _isAtEnd = !await pieces.MoveNextAsync(linked?.Token ?? interrupted).ConfigureAwait(false);
            _isExamined = false;
            return Show(isCanceled: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _interruption.Take())
        {
            return Show(isCanceled: true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private ReadResult Show(bool isCanceled)
    {
        _shown = _kept.With(pieces.Rest);
        return new(_shown, isCanceled, _isAtEnd);
    }

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
