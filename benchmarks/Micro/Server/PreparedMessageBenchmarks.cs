using System.Net.WebSockets;
using System.Text;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Columns;
using RawSocketChat.Benchmarks.Micro.Support;

namespace RawSocketChat.Benchmarks.Micro.Server;

/// <summary>A message encoded once for a broadcast. It costs the memory that all members then share.</summary>
[FrameBenchmark]
public class PreparedMessageBenchmarks
{
    private byte[] _payload = [];
    private string _text = "";

    [Params(125, 1024, 65536)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Samples.Payload(WebSocketMessageType.Text, Bytes);
        _text = Encoding.UTF8.GetString(_payload);
    }

    [Benchmark]
    public PreparedMessage FromBinary() => PreparedMessage.FromBinary(_payload);

    [Benchmark]
    public PreparedMessage FromUtf8() => PreparedMessage.FromText(_payload);

    [Benchmark]
    public PreparedMessage FromString() => PreparedMessage.FromText(_text);
}
