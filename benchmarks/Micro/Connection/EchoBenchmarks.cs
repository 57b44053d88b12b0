using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Connection;

/// <summary>
/// What a server does all day: a wait ends, some frames have come together, each is answered, and the next wait begins. An operation is one
/// frame received and one sent.
/// </summary>
[FrameBenchmark]
public class EchoBenchmarks
{
    private const int FramesAPush = 16;
    private const int Pushes = 128;

    private readonly PushStream _toManaged = new();
    private readonly PushStream _toOurs = new();
    private readonly byte[] _message = new byte[64 * 1024];
    private byte[] _frames = [];
    private long _answered;
    private WebSocket _managed = null!;
    private WebSocketConnection _ours = null!;

    [Params(125, 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _frames = Samples.MaskedFrames(WebSocketMessageType.Binary, Bytes, FramesAPush);
        _answered = (long)Pushes * FramesAPush * (FrameHeader.SizeOf(Bytes, masked: false) + Bytes);
        _managed = ServerEnd.Managed(_toManaged);
        _ours = ServerEnd.Ours(_toOurs);
        _ = EchoManaged();
        _ = EchoOurs();
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        _managed.Dispose();
        await ServerEnd.EndAsync(_ours);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = FramesAPush * Pushes)]
    public void Managed() => Push(_toManaged);

    [Benchmark(OperationsPerInvoke = FramesAPush * Pushes)]
    public void Ours() => Push(_toOurs);

    private void Push(PushStream stream)
    {
        var before = stream.BytesWritten;
        for (var push = 0; push < Pushes; push++)
        {
            stream.Push(_frames);
        }

        if (stream.BytesWritten - before != _answered)
        {
            throw new InvalidOperationException("Not everything was answered.");
        }
    }

    private async Task EchoManaged()
    {
        while (true)
        {
            var result = await _managed.ReceiveAsync(_message.AsMemory(), CancellationToken.None);
            await _managed.SendAsync(_message.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, CancellationToken.None);
        }
    }

    private async Task EchoOurs()
    {
        await foreach (var message in _ours.ReadAllAsync())
        {
            await _ours.SendAsync(message);
        }
    }
}
