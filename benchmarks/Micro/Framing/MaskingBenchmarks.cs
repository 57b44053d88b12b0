using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>Masking beside copying as many bytes, which is what it should cost no more than.</summary>
public class MaskingBenchmarks
{
    private const int Payloads = 64;
    private const uint Key = 0x9A3D21FA;

    // Behind a header of 2 + 4, 2 + 2 + 4 or 2 + 8 + 4 bytes no payload is aligned to a vector; odd is the worst of it.
    private const int OddAddress = 13;

    private Memory<byte> _source;
    private Memory<byte> _destination;

    [Params(1, 16, 125, 1024, 16 * 1024, 64 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_source, _destination) = Samples.Buffers(Bytes, Bytes + OddAddress);
        Samples.Random(Bytes).CopyTo(_source);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Payloads)]
    public void PlainCopy()
    {
        var source = _source.Span;
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            source.CopyTo(destination);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void InPlace()
    {
        var payload = _destination.Span[..Bytes];
        for (var i = 0; i < Payloads; i++)
        {
            Masking.Apply(payload, Key);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void InPlaceAtOddOffset()
    {
        var payload = _destination.Span[OddAddress..];
        for (var i = 0; i < Payloads; i++)
        {
            Masking.Apply(payload, Key, offset: 3);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void Copying()
    {
        var source = _source.Span;
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            Masking.Copy(source, destination, Key);
        }
    }
}
