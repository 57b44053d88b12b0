using System.Buffers;
using System.IO.Compression;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>
/// A chat's messages inflated, each with the ones before it as its context (RFC 7692 §7.1.1). The messages come again and again: those that
/// follow the last are the first ones, compressed with the last in their context.
/// </summary>
[FrameBenchmark]
public class InflateBenchmarks
{
    private const int Messages = 512;

    // RFC 7692 §7.2.1: what a sender leaves out at the end of a message, and a stream must be given.
    private static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    private readonly byte[] _destination = new byte[64 * 1024];
    private byte[][] _messages = [];
    private byte[][] _payloads = [];
    private MessageInflater _inflater = null!;
    private DeflateStream _stream = null!;

    [Params(200, 4096)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _messages = ChatMessages.Make(Bytes, Messages);
        using var deflater = new MessageDeflater(15, contextTakeover: true, CompressionLevel.Fastest, ArrayPool<byte>.Shared);
        var first = Deflated(deflater);
        _payloads = Deflated(deflater);
        _inflater = new(15, contextTakeover: true, ArrayPool<byte>.Shared);
        _stream = new(new ReplayStream(Row(_payloads), Row(first)), CompressionMode.Decompress);

        // The first time, nothing precedes the first message.
        InflateAll(first);
        ReadAll();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _inflater.Dispose();
        _stream.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void Framework() => ReadAll();

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Ours() => InflateAll(_payloads);

    private static byte[] Row(byte[][] payloads) => [.. payloads.SelectMany(payload => payload.Concat(Tail))];

    private byte[][] Deflated(MessageDeflater deflater)
    {
        var output = new ArrayBufferWriter<byte>();
        return [.. _messages.Select(message =>
        {
            output.ResetWrittenCount();
            deflater.Deflate(message, endOfMessage: true, output);
            return output.WrittenSpan.ToArray();
        })];
    }

    private void ReadAll()
    {
        foreach (var message in _messages)
        {
            var destination = _destination.AsSpan(0, message.Length);
            _stream.ReadExactly(destination);
            Check(destination, message);
        }
    }

    private void InflateAll(byte[][] payloads)
    {
        for (var i = 0; i < payloads.Length; i++)
        {
            _inflater.Inflate(payloads[i], endOfMessage: true, _destination, out _, out var written);
            Check(_destination.AsSpan(0, written), _messages[i]);
        }
    }

    private static void Check(ReadOnlySpan<byte> inflated, ReadOnlySpan<byte> message)
    {
        if (!inflated.SequenceEqual(message))
        {
            throw new InvalidOperationException("That is another message.");
        }
    }
}
