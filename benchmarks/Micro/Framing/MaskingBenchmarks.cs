using System.Numerics;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>Masking beside copying as many bytes, which is what it should cost no more than.</summary>
public class MaskingBenchmarks
{
    private const int Payloads = 64;
    private const uint Key = 0x9A3D21FA;

    // Short payloads lie in a row, as frames do in a receive buffer: to mask the same few bytes again at once would measure how the
    // processor waits for its own last stores.
    private const int BytesInARow = 16 * 1024;

    // Behind a header of 2 + 4, 2 + 2 + 4 or 2 + 8 + 4 bytes no payload is aligned to a vector; odd is the worst of it.
    private const int OddAddress = 13;

    private Memory<byte> _source;
    private Memory<byte> _destination;
    private int _inARow;

    [Params(1, 16, 125, 1024, 16 * 1024, 64 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _inARow = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(BytesInARow / Bytes, 1, Payloads));
        (_source, _destination) = Samples.Buffers(_inARow * Bytes, (_inARow * Bytes) + OddAddress);
        Samples.Random(_source.Length).CopyTo(_source);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Payloads)]
    public void PlainCopy()
    {
        var source = _source.Span;
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            var at = Place(i);
            source.Slice(at, Bytes).CopyTo(destination[at..]);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void InPlace()
    {
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            Masking.Apply(destination.Slice(Place(i), Bytes), Key);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void InPlaceAtOddOffset()
    {
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            Masking.Apply(destination.Slice(Place(i) + OddAddress, Bytes), Key, offset: 3);
        }
    }

    [Benchmark(OperationsPerInvoke = Payloads)]
    public void Copying()
    {
        var source = _source.Span;
        var destination = _destination.Span;
        for (var i = 0; i < Payloads; i++)
        {
            var at = Place(i);
            Masking.Copy(source.Slice(at, Bytes), destination[at..], Key);
        }
    }

    private int Place(int payload) => (payload & (_inARow - 1)) * Bytes;
}
