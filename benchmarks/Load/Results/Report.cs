using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Results;

/// <summary>All that a run has found, and where.</summary>
/// <param name="Date">The day of the run.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Effort">How long each measurement was.</param>
/// <param name="Skipped">The servers that could not be measured, and why.</param>
/// <param name="Results">The rows.</param>
/// <param name="Samples">What the rows are made of.</param>
internal sealed record Report(
    DateOnly Date,
    MachineInfo Machine,
    Effort Effort,
    IReadOnlyDictionary<string, string> Skipped,
    IReadOnlyList<CellResult> Results,
    IReadOnlyList<Sample> Samples)
{
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
