using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Results;

/// <summary>One server in one cell over all rounds: a row of the table.</summary>
internal sealed record CellResult(string Cell, string Server)
{
    public Spread? CpuMicrosecondsPerMessage { get; init; }

    /// <summary>The processor time a message, as a multiple of the reference's in the same run; of an idle connection, the memory.</summary>
    public double? RatioToReference { get; init; }

    public Spread? MessagesPerSecond { get; init; }

    public Spread? ServerLoad { get; init; }

    public Spread? P50Microseconds { get; init; }

    public Spread? P99Microseconds { get; init; }

    public Spread? P999Microseconds { get; init; }

    public Spread? AllocatedBytesPerMessage { get; init; }

    public double? SystemCallsPerMessage { get; init; }

    /// <summary>With compression: the payloads on the wire, in percent of the messages.</summary>
    public Spread? WirePercent { get; init; }

    /// <summary>With compression: the memory of a connection at the end of its load.</summary>
    public Spread? BusyBytesPerConnection { get; init; }

    public Spread? ResidentBytesPerConnection { get; init; }

    public Spread? HeapBytesPerConnection { get; init; }

    public bool GeneratorIsLimit { get; init; }

    public string? Failure { get; init; }

    /// <summary>All rows, in the order of the cells and the servers.</summary>
    public static IReadOnlyList<CellResult> Of(IReadOnlyList<Sample> samples)
    {
        var results = new List<CellResult>();
        foreach (var cell in samples.Select(sample => sample.Cell).Distinct())
        {
            var rows = samples.Where(sample => sample.Cell == cell).GroupBy(sample => sample.Server).Select(Of).ToArray();
            var reference = rows.FirstOrDefault(row => row.Server == ServerSpec.Reference);
            results.AddRange(rows.Select(row => row with { RatioToReference = row.Cost / reference?.Cost }));
        }

        return results;
    }

    private double? Cost => (CpuMicrosecondsPerMessage ?? ResidentBytesPerConnection)?.Median;

    private static CellResult Of(IGrouping<string, Sample> rounds) => new(rounds.First().Cell, rounds.Key)
    {
        CpuMicrosecondsPerMessage = Spread.Of(rounds.Select(each => each.CpuMicrosecondsPerMessage)),
        MessagesPerSecond = Spread.Of(rounds.Select(each => each.MessagesPerSecond)),
        ServerLoad = Spread.Of(rounds.Select(each => each.ServerLoad)),
        P50Microseconds = Spread.Of(rounds.Select(each => each.P50Microseconds)),
        P99Microseconds = Spread.Of(rounds.Select(each => each.P99Microseconds)),
        P999Microseconds = Spread.Of(rounds.Select(each => each.P999Microseconds)),
        AllocatedBytesPerMessage = Spread.Of(rounds.Select(each => each.AllocatedBytesPerMessage)),
        SystemCallsPerMessage = rounds.Select(each => each.SystemCallsInAll).FirstOrDefault(each => each is not null),
        WirePercent = Spread.Of(rounds.Select(each => each.WirePercent)),
        BusyBytesPerConnection = Spread.Of(rounds.Select(each => each.BusyBytesPerConnection)),
        ResidentBytesPerConnection = Spread.Of(rounds.Select(each => each.ResidentBytesPerConnection)),
        HeapBytesPerConnection = Spread.Of(rounds.Select(each => each.HeapBytesPerConnection)),
        GeneratorIsLimit = rounds.Any(each => each.GeneratorIsLimit),
        Failure = rounds.Select(each => each.Failure).FirstOrDefault(each => each is not null),
    };
}
