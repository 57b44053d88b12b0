using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>
/// A server's frames encoded by the codec alone: header and payload into an outgoing buffer. The peer has no codec that could be called
/// alone: it is measured through its send to a stream that forgets.
/// </summary>
[FrameBenchmark]
public class FrameEncodingBenchmarks
{
    private const int Frames = 2048;
    private const int SendBufferSize = 64 * 1024;

    private Memory<byte> _payload;
    private Memory<byte> _buffer;
    private ReplayStream _stream = null!;
    private WebSocket _managed = null!;

    [Params(125, 1024, 65536)]
    public int Bytes { get; set; }

    [Params(WebSocketMessageType.Binary, WebSocketMessageType.Text)]
    public WebSocketMessageType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_payload, _buffer) = Samples.Buffers(Bytes, Math.Max(SendBufferSize, Bytes + FrameHeader.MaxSize));
        Samples.Payload(Type, Bytes).CopyTo(_payload);
        _stream = new([]);
        _managed = ServerEnd.Managed(_stream);
    }

    [GlobalCleanup]
    public void Cleanup() => _managed.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public async Task Managed()
    {
        var before = _stream.BytesWritten;
        for (var frame = 0; frame < Frames; frame++)
        {
            await _managed.SendAsync(_payload, Type, endOfMessage: true, CancellationToken.None);
        }

        var sent = _stream.BytesWritten - before;
        if (sent <= (long)Frames * Bytes)
        {
            throw new InvalidOperationException("Something is missing.");
        }
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long Codec()
    {
        long sent = 0;
        var used = 0;
        var payload = _payload.Span;
        var buffer = _buffer.Span;
        var opcode = Type == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        for (var frame = 0; frame < Frames; frame++)
        {
            var header = new FrameHeader(IsFinal: true, opcode, IsMasked: false, MaskKey: 0, payload.Length);
            if (buffer.Length - used < header.Size + payload.Length)
            {
                sent += used;
                used = 0;
            }

            used += header.Write(buffer[used..]);
            payload.CopyTo(buffer[used..]);
            used += payload.Length;
        }

        sent += used;
        return sent > (long)Frames * Bytes ? sent : throw new InvalidOperationException("Something is missing.");
    }
}
