using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;

namespace RawSocketChat.Benchmarks.Micro.Connection;

/// <summary>
/// Messages sent one by one by the whole connection, beside the peer, to streams that forget: each is written before the next is sent, so
/// nothing is put together. A payload over 8 KiB is copied here once, as for TLS; a socket sends it from where it lies.
/// </summary>
[FrameBenchmark]
public class SendingBenchmarks
{
    private const int Frames = 2048;

    private readonly ReplayStream _toManaged = new([]);
    private readonly ReplayStream _toOurs = new([]);
    private byte[] _payload = [];
    private WebSocket _managed = null!;
    private WebSocketConnection _ours = null!;

    [Params(125, 1024, 65536)]
    public int Bytes { get; set; }

    [Params(WebSocketMessageType.Binary, WebSocketMessageType.Text)]
    public WebSocketMessageType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Samples.Payload(Type, Bytes);
        _managed = ServerEnd.Managed(_toManaged);
        _ours = ServerEnd.Ours(_toOurs);
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
        var before = _toManaged.BytesWritten;
        for (var frame = 0; frame < Frames; frame++)
        {
            await _managed.SendAsync(_payload.AsMemory(), Type, endOfMessage: true, CancellationToken.None);
        }

        var sent = _toManaged.BytesWritten - before;
        if (sent <= (long)Frames * Bytes)
        {
            throw new InvalidOperationException("Something is missing.");
        }
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public async Task Ours()
    {
        var before = _toOurs.BytesWritten;
        for (var frame = 0; frame < Frames; frame++)
        {
            await _ours.SendAsync(_payload.AsMemory(), Type);
        }

        var sent = _toOurs.BytesWritten - before;
        if (sent <= (long)Frames * Bytes)
        {
            throw new InvalidOperationException("Something is missing.");
        }
    }
}
