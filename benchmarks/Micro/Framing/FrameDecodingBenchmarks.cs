using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>
/// A client's masked frames decoded by the codec alone: header, rules, unmasking, UTF-8. The peer has no codec that could be called alone:
/// it is measured through its receive. Both take the bytes from where they are not to be changed, so both pay for one copy of them.
/// </summary>
[FrameBenchmark]
public class FrameDecodingBenchmarks
{
    private const int Frames = 2048;
    private const int ReceiveBufferSize = 64 * 1024;

    private byte[] _frames = [];
    private byte[] _buffer = [];
    private byte[] _message = [];
    private int _frameSize;
    private int _framesAReceive;
    private WebSocket _managed = null!;

    [Params(125, 1024, 65536)]
    public int Bytes { get; set; }

    [Params(WebSocketMessageType.Binary, WebSocketMessageType.Text)]
    public WebSocketMessageType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _frames = Samples.MaskedFrames(Type, Bytes, Samples.FramesInARow(Bytes));
        _frameSize = FrameHeader.SizeOf(Bytes, masked: true) + Bytes;
        _framesAReceive = Math.Max(1, ReceiveBufferSize / _frameSize);
        _buffer = new byte[_framesAReceive * _frameSize];
        _message = new byte[Bytes];
        _managed = ServerEnd.Managed(new ReplayStream(_frames));
    }

    [GlobalCleanup]
    public void Cleanup() => _managed.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public async Task Managed()
    {
        long received = 0;
        for (var frame = 0; frame < Frames; frame++)
        {
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _managed.ReceiveAsync(_message.AsMemory(), CancellationToken.None);
                received += result.Count;
            }
            while (!result.EndOfMessage);
        }

        if (received != (long)Frames * Bytes)
        {
            throw new InvalidOperationException("Something is missing.");
        }
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long Codec()
    {
        long received = 0;
        var source = 0;
        for (var left = Frames; left > 0;)
        {
            var length = Math.Min(Math.Min(left, _framesAReceive) * _frameSize, _frames.Length - source);
            _frames.AsSpan(source, length).CopyTo(_buffer);
            received += Decode(_buffer.AsSpan(0, length));
            left -= length / _frameSize;
            source = source + length == _frames.Length ? 0 : source + length;
        }

        return received == (long)Frames * Bytes ? received : throw new InvalidOperationException("Something is missing.");
    }

    private static long Decode(Span<byte> received)
    {
        long total = 0;
        var state = FragmentState.None;
        var text = default(Utf8Validator);
        while (!received.IsEmpty)
        {
            if (FrameHeader.TryRead(received, EndpointRole.Server, state, out var header, out _) != FrameReadStatus.Done)
            {
                throw new InvalidOperationException("A frame is not legal.");
            }

            var payload = received.Slice(header.Size, (int)header.PayloadLength);
            Masking.Apply(payload, header.MaskKey);
            if (header.Opcode == Opcode.Text && !(text.Append(payload) && text.IsComplete))
            {
                throw new InvalidOperationException("A text is not UTF-8.");
            }

            state = header.IsFinal ? FragmentState.None : FragmentState.InMessage;
            total += payload.Length;
            received = received[(header.Size + payload.Length)..];
        }

        return total;
    }
}
