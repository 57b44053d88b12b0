using System.Diagnostics;

using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Generator;
using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>Measures one server in one cell: a fresh process, warmed, then measured.</summary>
internal sealed class CellRunner(Effort effort, CancellationToken stop)
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures. A server that fails is a result as well.</summary>
    /// <param name="cell">The load.</param>
    /// <param name="spec">The server.</param>
    /// <param name="round">Which of the rounds this is, from 1 on.</param>
    /// <param name="countSystemCalls">Whether to count them as well, after the measurement.</param>
    /// <returns>The figures, or why there are none.</returns>
    public async Task<Sample> RunAsync(Cell cell, ServerSpec spec, int round, bool countSystemCalls)
    {
        var sample = new Sample(cell.Name, spec.Name, round);
        string? errors = null;
        try
        {
            await using var server = await ServerProcess.StartAsync(spec, stop);
            try
            {
                return cell.Kind == CellKind.Idle
                    ? await IdleAsync(cell, server, sample)
                    : await TrafficAsync(cell, server, sample, countSystemCalls);
            }
            finally
            {
                errors = server.Errors;
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or TimeoutException or HttpRequestException)
        {
            return sample with { Failure = string.IsNullOrEmpty(errors) ? failure.Message : $"{failure.Message} {errors.Split('\n')[0]}" };
        }
    }

    private async Task<Sample> TrafficAsync(Cell cell, ServerProcess server, Sample sample, bool countSystemCalls)
    {
        using var traffic = await GeneratorThread.RunAsync(() => cell.Open(server.Port));
        await GeneratorThread.RunAsync(() => Warm(traffic, server, effort.WarmCpuSeconds));

        var before = await server.AskAsync(collect: false, stop);
        var (interval, cpu) = await GeneratorThread.RunAsync(() =>
        {
            var begin = server.CpuSeconds;
            var done = traffic.Run(TimeSpan.FromSeconds(effort.Seconds), stop);
            return (done, server.CpuSeconds - begin);
        });
        var after = await server.AskAsync(collect: false, stop);

        return sample with
        {
            Messages = interval.Messages,
            Seconds = interval.Seconds,
            ServerCpuSeconds = cpu,
            GeneratorCpuSeconds = interval.GeneratorCpuSeconds,
            P50Microseconds = interval.Latency.Microseconds(0.5),
            P99Microseconds = interval.Latency.Microseconds(0.99),
            P999Microseconds = interval.Latency.Microseconds(0.999),
            AllocatedBytesPerMessage = (double?)(after.AllocatedBytes - before.AllocatedBytes) / interval.Messages,
            SystemCallsPerMessage = countSystemCalls ? await CountSystemCallsAsync(traffic, server) : null,
        };
    }

    private async Task<IReadOnlyDictionary<string, double>?> CountSystemCallsAsync(ITraffic traffic, ServerProcess server)
    {
        await using var counter = await SystemCallCounter.StartAsync(server.Id, stop);
        if (counter is null)
        {
            return null;
        }

        var interval = await GeneratorThread.RunAsync(() => traffic.Run(TimeSpan.FromSeconds(effort.SystemCallSeconds), stop));
        var counts = await counter.StopAsync();
        return counts.ToDictionary(each => each.Key, each => each.Value / (double)interval.Messages);
    }

    private async Task<Sample> IdleAsync(Cell cell, ServerProcess server, Sample sample)
    {
        // What all connections share, compiled code above all, is there before the first that counts.
        using (var traffic = new HandshakeTraffic(server.Port, atOnce: 16))
        {
            await GeneratorThread.RunAsync(() => Warm(traffic, server, effort.WarmCpuSeconds));
        }

        var before = await server.AskAsync(collect: true, stop);
        await Task.Delay(TimeSpan.FromSeconds(effort.SettleSeconds), stop);
        var resident = server.ResidentBytes;

        using var connections = await GeneratorThread.RunAsync(() => new IdleConnections(server.Port, cell.Connections, stop));
        await Task.Delay(TimeSpan.FromSeconds(effort.SettleSeconds), stop);
        resident = server.ResidentBytes - resident;
        var after = await server.AskAsync(collect: true, stop);

        return sample with
        {
            ResidentBytesPerConnection = resident / (double)cell.Connections,
            HeapBytesPerConnection = (after.HeapBytes - before.HeapBytes) / (double)cell.Connections,
        };
    }

    // By the server's own time: a server that is fast, or waits much, is given the more messages. Bounded for one that hardly works.
    private bool Warm(ITraffic traffic, ServerProcess server, double cpuSeconds)
    {
        var begin = Stopwatch.GetTimestamp();
        var bound = TimeSpan.FromSeconds(1 + (3 * cpuSeconds));
        var enough = server.CpuSeconds + cpuSeconds;
        while (server.CpuSeconds < enough && Stopwatch.GetElapsedTime(begin) < bound)
        {
            traffic.Run(Piece, stop);
        }

        return server.CpuSeconds >= enough;
    }
}
