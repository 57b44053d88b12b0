using System.Net.WebSockets;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;

namespace RawSocketChat.Benchmarks.Micro.Server;

/// <summary>
/// A broadcast to members whose streams forget: encoded once for all, beside encoded anew for each. An operation is one member.
/// </summary>
[FrameBenchmark]
public class FanOutBenchmarks
{
    private const int Members = 100;

    private readonly WebSocketConnection[] _members = new WebSocketConnection[Members];
    private byte[] _payload = [];
    private PreparedMessage _prepared = null!;

    [Params(125, 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Samples.Payload(WebSocketMessageType.Text, Bytes);
        _prepared = PreparedMessage.FromText(_payload);
        for (var i = 0; i < Members; i++)
        {
            _members[i] = ServerEnd.Ours(new ReplayStream([]));
        }
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        foreach (var member in _members)
        {
            await ServerEnd.EndAsync(member);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Members)]
    public int EncodedForEach()
    {
        var accepted = 0;
        foreach (var member in _members)
        {
            accepted += member.TrySend(_payload, WebSocketMessageType.Text) ? 1 : 0;
        }

        return accepted == Members ? accepted : throw new InvalidOperationException("A member did not accept.");
    }

    [Benchmark(OperationsPerInvoke = Members)]
    public int EncodedOnce()
    {
        var accepted = 0;
        foreach (var member in _members)
        {
            accepted += member.TrySend(_prepared) ? 1 : 0;
        }

        return accepted == Members ? accepted : throw new InvalidOperationException("A member did not accept.");
    }
}
