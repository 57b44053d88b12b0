using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

/// <summary>A pipe reader that fails, when it is told to, where no reader should.</summary>
internal sealed class FaultyReader(PipeReader reader) : PipeReader
{
    public bool FailsToAdvance { get; set; }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (FailsToAdvance)
        {
            throw new InvalidOperationException("The reader is broken.");
        }

        reader.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => reader.Complete(exception);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => reader.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => reader.TryRead(out result);
}
