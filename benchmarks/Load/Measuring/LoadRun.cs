using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Results;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>The whole run: every server in every cell, by turns, so that what the machine does besides meets all of them.</summary>
internal sealed class LoadRun(IReadOnlyList<Cell> cells, IReadOnlyList<ServerSpec> servers, Effort effort, TextWriter progress)
{
    /// <summary>Runs.</summary>
    public async Task<IReadOnlyList<Sample>> RunAsync(CancellationToken stop)
    {
        var runner = new CellRunner(effort, stop);
        var samples = new List<Sample>();
        var total = effort.Rounds * cells.Count * servers.Count;
        if (!SystemCallCounter.IsAvailable)
        {
            await progress.WriteLineAsync("strace is not installed: system calls are not counted.");
        }

        for (var round = 1; round <= effort.Rounds; round++)
        {
            foreach (var cell in cells)
            {
                foreach (var server in servers)
                {
                    stop.ThrowIfCancellationRequested();
                    var sample = await runner.RunAsync(cell, server, round, CountsSystemCalls(cell, round));
                    samples.Add(sample);
                    await progress.WriteLineAsync($"[{samples.Count}/{total}] {cell.Name,-28} {server.Name,-14} {ProgressText.Of(sample)}");
                }
            }
        }

        return samples;
    }

    // In the last round: what strace does to a process must not meet a later measurement.
    private bool CountsSystemCalls(Cell cell, int round) =>
        SystemCallCounter.IsAvailable && round == effort.Rounds && (cell.CountsSystemCalls || effort.CountsAllSystemCalls);
}
