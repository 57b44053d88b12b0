using System.Buffers;
using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

/// <summary>A transport whose writes fail, and are counted.</summary>
internal sealed class FailingTransport : Transport
{
    private readonly Pipe _input = new();

    public int Writes { get; private set; }

    public override PipeReader Input => _input.Reader;

    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
    {
        Writes++;
        return ValueTask.FromException(new IOException("The cable is cut."));
    }

    public override ValueTask ShutdownAsync() => default;

    public override void Abort() => _input.Writer.Complete();

    public override ValueTask DisposeAsync() => default;
}
