using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Generator;

/// <summary>What was done between two moments at which nothing was on its way.</summary>
/// <param name="Messages">How many messages came back, or deliveries, or handshakes: all that were begun.</param>
/// <param name="Bytes">The bytes of their payloads, not compressed.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="GeneratorCpuSeconds">What it cost the generator's thread.</param>
/// <param name="Latency">From the sending to the whole answer, in nanoseconds.</param>
internal sealed record Interval(long Messages, long Bytes, double Seconds, double GeneratorCpuSeconds, Histogram Latency)
{
    /// <summary>What the payloads of the answers were on the wire, where messages are compressed; else 0.</summary>
    public long WireBytes { get; init; }
}
