using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>A header read and judged as a server does, and one written: a payload length of each of the three forms.</summary>
[FrameBenchmark]
public class HeaderBenchmarks
{
    private const int Headers = 4096;

    private readonly byte[] _received = new byte[Headers * FrameHeader.MaxSize];
    private readonly byte[] _written = new byte[Headers * FrameHeader.MaxSize];

    [Params(125, 1024, 65536)]
    public int PayloadLength { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var keys = Samples.Random(Headers * sizeof(uint));
        for (var i = 0; i < Headers; i++)
        {
            var header = new FrameHeader(true, Opcode.Binary, IsMasked: true, BitConverter.ToUInt32(keys, i * sizeof(uint)), PayloadLength);
            header.Write(_received.AsSpan(i * FrameHeader.MaxSize));
        }
    }

    [Benchmark(OperationsPerInvoke = Headers)]
    public long Read()
    {
        long total = 0;
        for (var at = 0; at < _received.Length; at += FrameHeader.MaxSize)
        {
            var status = FrameHeader.TryRead(_received.AsSpan(at), EndpointRole.Server, FragmentState.None, out var header, out _);
            total += status == FrameReadStatus.Done ? header.PayloadLength : throw new InvalidOperationException("A header is not legal.");
        }

        return total;
    }

    [Benchmark(OperationsPerInvoke = Headers)]
    public long Write()
    {
        long total = 0;
        for (var at = 0; at < _written.Length; at += FrameHeader.MaxSize)
        {
            total += new FrameHeader(true, Opcode.Binary, IsMasked: false, MaskKey: 0, PayloadLength).Write(_written.AsSpan(at));
        }

        return total;
    }
}
