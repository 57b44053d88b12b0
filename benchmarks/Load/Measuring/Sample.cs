using System.Text.Json.Serialization;

namespace RawSocketChat.Load.Measuring;

/// <summary>What one server did in one cell in one round.</summary>
internal sealed record Sample(string Cell, string Server, int Round)
{
    private const double Busy = 0.95;

    /// <summary>Why there is nothing else here; null where there is.</summary>
    public string? Failure { get; init; }

    public long Messages { get; init; }

    public double Seconds { get; init; }

    public double ServerCpuSeconds { get; init; }

    public double GeneratorCpuSeconds { get; init; }

    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    public double? P999Microseconds { get; init; }

    public double? AllocatedBytesPerMessage { get; init; }

    /// <summary>By name, for each message; null where they were not counted.</summary>
    public IReadOnlyDictionary<string, double>? SystemCallsPerMessage { get; init; }

    /// <summary>With compression: the bytes of the messages that were answered.</summary>
    public long? MessageBytes { get; init; }

    /// <summary>With compression: the bytes that the payloads of the answers were on the wire.</summary>
    public long? WireBytes { get; init; }

    /// <summary>With compression: the memory that a connection has taken at the end of its load, before garbage is collected.</summary>
    public double? BusyBytesPerConnection { get; init; }

    public double? ResidentBytesPerConnection { get; init; }

    public double? HeapBytesPerConnection { get; init; }

    public double? CpuMicrosecondsPerMessage => Messages == 0 ? null : ServerCpuSeconds * 1e6 / Messages;

    public double? MessagesPerSecond => Messages == 0 ? null : Messages / Seconds;

    /// <summary>The share of one processor that the server took.</summary>
    public double? ServerLoad => Seconds == 0 ? null : ServerCpuSeconds / Seconds;

    /// <summary>Whether the rate and the latency tell about the generator instead of the server. The processor time is the server's still.</summary>
    public bool GeneratorIsLimit => Seconds > 0 && GeneratorCpuSeconds / Seconds >= Busy && ServerLoad < Busy;

    /// <summary>What the payloads on the wire were of the messages, in percent.</summary>
    public double? WirePercent => MessageBytes is > 0 ? 100.0 * WireBytes / MessageBytes : null;

    [JsonIgnore]
    public double? SystemCallsInAll => SystemCallsPerMessage?.Values.Sum();
}
