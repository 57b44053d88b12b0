using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;

namespace RawSocketChat.Benchmarks.Micro.Connection;

/// <summary>
/// Messages received by the whole connection, beside the peer, from streams that give the same bytes. What a stream gives costs no system
/// call here: the peer asks it about twice a message, ours once a buffer.
/// </summary>
[FrameBenchmark]
public class ReceivingBenchmarks
{
    private const int Frames = 2048;

    private byte[] _message = [];
    private WebSocket _managed = null!;
    private WebSocketConnection _ours = null!;

    [Params(125, 1024, 65536)]
    public int Bytes { get; set; }

    [Params(WebSocketMessageType.Binary, WebSocketMessageType.Text)]
    public WebSocketMessageType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var frames = Samples.MaskedFrames(Type, Bytes, Samples.FramesInARow(Bytes));
        _message = new byte[Bytes];
        _managed = ServerEnd.Managed(new ReplayStream(frames));
        _ours = ServerEnd.Ours(new ReplayStream(frames));
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        _managed.Dispose();
        await ServerEnd.EndAsync(_ours);
    }

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
    public async Task Ours()
    {
        long received = 0;
        for (var frame = 0; frame < Frames; frame++)
        {
            received += (await _ours.ReceiveAsync()).Payload.Length;
        }

        if (received != (long)Frames * Bytes)
        {
            throw new InvalidOperationException("Something is missing.");
        }
    }
}
