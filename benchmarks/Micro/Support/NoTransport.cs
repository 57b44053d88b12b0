using System.Buffers;
using System.IO.Pipelines;

namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>What lies below a stream that lies over nothing.</summary>
/// <param name="stream">The stream: it ends when the transport is aborted.</param>
internal sealed class NoTransport(BenchmarkStream stream) : Transport
{
    public override PipeReader Input => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes) => throw new NotSupportedException();

    public override ValueTask ShutdownAsync() => default;

    public override void Abort() => stream.End();

    public override ValueTask DisposeAsync() => default;
}
