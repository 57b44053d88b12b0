using System.Text.Json.Serialization;

using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Results;

/// <summary>All that a run has found, and where.</summary>
/// <param name="Suite">What was chosen from.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Effort">How long each measurement was.</param>
/// <param name="Skipped">The servers that could not be measured, and why.</param>
/// <param name="Results">The rows.</param>
/// <param name="Samples">What the rows are made of.</param>
internal sealed record Report(
    [property: JsonIgnore] LoadSuite Suite,
    DateOnly Date,
    MachineInfo Machine,
    Effort Effort,
    IReadOnlyDictionary<string, string> Skipped,
    IReadOnlyList<CellResult> Results,
    IReadOnlyList<Sample> Samples)
{
    /// <summary>What its files are called, without an extension.</summary>
    [JsonIgnore]
    public string FileName => Suite.FilePrefix + Effort.Name;

    /// <summary>The servers that it tells of, in the order of the result.</summary>
    [JsonIgnore]
    public IEnumerable<ServerSpec> Servers => Suite.Servers.Where(spec => Results.Any(row => row.Server == spec.Name));

    /// <summary>The rows as they are shown.</summary>
    [JsonIgnore]
    public IEnumerable<Table> Tables => Suite.Tables(Results);

    /// <summary>The lines that say where the figures are from.</summary>
    public IEnumerable<string> Origin =>
    [
        $"{Date:yyyy-MM-dd}, {Effort.Name} run, {Effort.Rounds} round(s), commit {Machine.Commit}",
        $"{Machine.Processor}, {Machine.Cores} processor(s), {(Machine.Pinned ? "one for the server, one for the generator" : "nothing pinned")}",
        $"load average before the run: {Machine.LoadAverage}",
        $"{Machine.System}, {Machine.DotNet}, Node.js {Machine.Node ?? "none"}",
        .. Skipped.Select(each => $"not measured: {each.Key}: {each.Value}"),
    ];
}
