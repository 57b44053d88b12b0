using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Results;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>The whole run: in every cell all servers, by turns, so that what the machine does besides meets all of them.</summary>
internal sealed class LoadRun(IReadOnlyList<Cell> cells, IReadOnlyList<ServerSpec> servers, Effort effort, TextWriter progress)
{
    private const int MostConnections = 10_000;

    private readonly List<Sample> _samples = [];
    private readonly Dictionary<ServerSpec, ServerProcess> _kept = [];

    /// <summary>Runs. A server that fails is a result as well.</summary>
    public async Task<IReadOnlyList<Sample>> RunAsync(CancellationToken stop)
    {
        if (effort.CountsSystemCalls && !SystemCallCounter.IsAvailable)
        {
            await progress.WriteLineAsync("strace is not installed: system calls are not counted.");
        }

        try
        {
            foreach (var cell in cells)
            {
                await (cell.Kind switch
                {
                    CellKind.Idle => RunFreshAsync(cell, IdleMeasurement.RunAsync, stop),
                    CellKind.DeflateMemory => RunFreshAsync(cell, DeflateMemoryMeasurement.RunAsync, stop),
                    _ => RunTrafficAsync(cell, stop),
                });
            }

            return _samples;
        }
        finally
        {
            foreach (var server in _kept.Values)
            {
                await server.DisposeAsync();
            }
        }
    }

    // A server that has nothing to do takes no processor time: those whose turn it is not may wait beside the one that is measured. Only where all
    // of them would have more connections than a process may have descriptors, one is measured after the other.
    private async Task RunTrafficAsync(Cell cell, CancellationToken stop)
    {
        foreach (var together in servers.Chunk(Math.Max(1, MostConnections / cell.Connections)))
        {
            await RunTrafficAsync(cell, together, stop);
        }
    }

    private async Task RunTrafficAsync(Cell cell, ServerSpec[] together, CancellationToken stop)
    {
        var sessions = new Dictionary<ServerSpec, TrafficSession>();
        try
        {
            foreach (var server in together)
            {
                var opened = await TryAsync(
                    new(cell.Name, server.Name, Round: 1),
                    async sample =>
                    {
                        sessions[server] = await OpenAsync(cell, server, stop);
                        return sample;
                    },
                    stop);
                if (opened.Failure is not null)
                {
                    await AddAsync(opened);
                }
            }

            for (var round = 1; round <= effort.Rounds; round++)
            {
                foreach (var (server, session) in sessions)
                {
                    var counts = CountsSystemCalls(round);
                    await AddAsync(await TryAsync(new(cell.Name, server.Name, round), sample => session.MeasureAsync(sample, counts, stop), stop));
                }
            }
        }
        finally
        {
            foreach (var session in sessions.Values)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task<TrafficSession> OpenAsync(Cell cell, ServerSpec spec, CancellationToken stop)
    {
        if (!effort.KeepsServers)
        {
            return await TrafficSession.OpenAsync(cell, await ServerProcess.StartAsync(spec, stop), ownsServer: true, effort, stop);
        }

        if (_kept.Remove(spec, out var server))
        {
            if (!server.HasExited)
            {
                _kept[spec] = server;
                return await TrafficSession.OpenAsync(cell, server, ownsServer: false, effort, stop);
            }

            // It has failed in a cell before.
            await server.DisposeAsync();
        }

        const int FirstTime = 10;
        _kept[spec] = server = await ServerProcess.StartAsync(spec, stop);
        var more = effort with { LeastWarmCpuSeconds = FirstTime * effort.LeastWarmCpuSeconds, MostWarmCpuSeconds = FirstTime * effort.MostWarmCpuSeconds };
        return await TrafficSession.OpenAsync(cell, server, ownsServer: false, more, stop);
    }

    private async Task RunFreshAsync(
        Cell cell, Func<Cell, ServerSpec, Effort, Sample, CancellationToken, Task<Sample>> measure, CancellationToken stop)
    {
        for (var round = 1; round <= effort.Rounds; round++)
        {
            foreach (var server in servers)
            {
                await AddAsync(await TryAsync(
                    new(cell.Name, server.Name, round), sample => measure(cell, server, effort, sample, stop), stop));
            }
        }
    }

    private static async Task<Sample> TryAsync(Sample sample, Func<Sample, Task<Sample>> measure, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            return await measure(sample);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or TimeoutException or HttpRequestException)
        {
            return sample with { Failure = failure.Message };
        }
    }

    private async Task AddAsync(Sample sample)
    {
        _samples.Add(sample);
        var total = effort.Rounds * cells.Count * servers.Count;
        await progress.WriteLineAsync($"[{_samples.Count}/{total}] {sample.Cell,-28} {sample.Server,-14} {ProgressText.Of(sample)}");
    }

    // In the last round: what strace does to a process must not meet a later measurement.
    private bool CountsSystemCalls(int round) => effort.CountsSystemCalls && SystemCallCounter.IsAvailable && round == effort.Rounds;
}
