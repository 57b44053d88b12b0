using System.Buffers;
using System.IO.Compression;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>
/// A chat's messages deflated, each with the ones before it as its context (RFC 7692 §7.1.1), at the fastest level of either. What the framework's
/// stream holds is native memory, of which the columns know nothing.
/// </summary>
[FrameBenchmark]
public class DeflateBenchmarks
{
    private const int Messages = 256;

    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly ReplayStream _forgetting = new([]);
    private byte[][] _messages = [];
    private MessageDeflater _deflater = null!;
    private DeflateStream _stream = null!;

    [Params(200, 4096)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _messages = ChatMessages.Make(Bytes, Messages);
        _deflater = new(15, contextTakeover: true, CompressionLevel.Fastest, ArrayPool<byte>.Shared);
        _stream = new(_forgetting, CompressionLevel.Fastest);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _deflater.Dispose();
        _stream.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public long Framework()
    {
        var before = _forgetting.BytesWritten;
        foreach (var message in _messages)
        {
            _stream.Write(message);
            _stream.Flush();
        }

        return _forgetting.BytesWritten - before;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Ours()
    {
        long written = 0;
        foreach (var message in _messages)
        {
            _output.ResetWrittenCount();
            _deflater.Deflate(message, endOfMessage: true, _output);
            written += _output.WrittenCount;
        }

        return written;
    }
}
