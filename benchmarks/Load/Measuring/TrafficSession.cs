using System.Diagnostics;

using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Generator;
using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>One server under one load: connected and warmed once, then measured as often as there are rounds.</summary>
internal sealed class TrafficSession : IAsyncDisposable
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(100);

    private readonly ServerProcess _server;
    private readonly ITraffic _traffic;
    private readonly Effort _effort;
    private readonly bool _ownsServer;

    private TrafficSession(ServerProcess server, bool ownsServer, ITraffic traffic, Effort effort)
    {
        _server = server;
        _ownsServer = ownsServer;
        _traffic = traffic;
        _effort = effort;
    }

    /// <summary>Opens the connections, and warms the server.</summary>
    /// <param name="cell">The load.</param>
    /// <param name="server">The server, running.</param>
    /// <param name="ownsServer">Whether the server ends with the session, also where this fails.</param>
    /// <param name="effort">How long everything takes.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>The session.</returns>
    public static async Task<TrafficSession> OpenAsync(Cell cell, ServerProcess server, bool ownsServer, Effort effort, CancellationToken stop)
    {
        ITraffic? traffic = null;
        try
        {
            traffic = await GeneratorThread.RunAsync(() => cell.Open(server.Port));
            await WarmAsync(traffic, server, effort, stop);
            return new(server, ownsServer, traffic, effort);
        }
        catch
        {
            traffic?.Dispose();
            if (ownsServer)
            {
                await server.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>
    /// Loads a server until it is at its best: until its processor time is spent and its runtime compiles no more. By the server's own time,
    /// so that one that is fast, or waits much, is given the more messages.
    /// </summary>
    public static async Task WarmAsync(ITraffic traffic, ServerProcess server, Effort effort, CancellationToken stop)
    {
        await SpendAsync(traffic, server, effort.LeastWarmCpuSeconds, stop);
        var step = effort.LeastWarmCpuSeconds / 2;
        var before = await server.AskAsync(collect: false, stop);
        for (var spent = effort.LeastWarmCpuSeconds; spent < effort.MostWarmCpuSeconds; spent += step)
        {
            await SpendAsync(traffic, server, step, stop);
            var after = await server.AskAsync(collect: false, stop);
            if (after.CompiledMethods == before.CompiledMethods)
            {
                return;
            }

            before = after;
        }
    }

    /// <summary>Measures.</summary>
    /// <param name="sample">Which measurement this is.</param>
    /// <param name="countSystemCalls">Whether to count them as well, afterwards.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>The same, with its figures.</returns>
    public async Task<Sample> MeasureAsync(Sample sample, bool countSystemCalls, CancellationToken stop)
    {
        // The others have had the caches since.
        await GeneratorThread.RunAsync(() => _traffic.Run(Piece, stop));

        var before = await _server.AskAsync(collect: false, stop);
        var (interval, cpu) = await GeneratorThread.RunAsync(() =>
        {
            var begin = _server.CpuSeconds;
            var done = _traffic.Run(TimeSpan.FromSeconds(_effort.Seconds), stop);
            return (done, _server.CpuSeconds - begin);
        });
        var after = await _server.AskAsync(collect: false, stop);

        return sample with
        {
            MessageBytes = interval.WireBytes > 0 ? interval.Bytes : null,
            WireBytes = interval.WireBytes > 0 ? interval.WireBytes : null,
            Messages = interval.Messages,
            Seconds = interval.Seconds,
            ServerCpuSeconds = cpu,
            GeneratorCpuSeconds = interval.GeneratorCpuSeconds,
            P50Microseconds = interval.Latency.Microseconds(0.5),
            P99Microseconds = interval.Latency.Microseconds(0.99),
            P999Microseconds = interval.Latency.Microseconds(0.999),
            AllocatedBytesPerMessage = (double?)(after.AllocatedBytes - before.AllocatedBytes) / interval.Messages,
            SystemCallsPerMessage = countSystemCalls ? await CountSystemCallsAsync(stop) : null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        // The connections first: a server that stops would wait for them to close.
        _traffic.Dispose();
        if (_ownsServer)
        {
            await _server.DisposeAsync();
        }
    }

    // Bounded by real time as well, for a server that hardly works.
    private static async Task SpendAsync(ITraffic traffic, ServerProcess server, double cpuSeconds, CancellationToken stop) =>
        await GeneratorThread.RunAsync(() =>
        {
            var begin = Stopwatch.GetTimestamp();
            var bound = TimeSpan.FromSeconds(0.5 + (2 * cpuSeconds));
            var enough = server.CpuSeconds + cpuSeconds;
            while (server.CpuSeconds < enough && Stopwatch.GetElapsedTime(begin) < bound)
            {
                traffic.Run(Piece, stop);
            }

            return true;
        });

    private async Task<IReadOnlyDictionary<string, double>?> CountSystemCallsAsync(CancellationToken stop)
    {
        await using var counter = await SystemCallCounter.StartAsync(_server.Id, stop);
        if (counter is null)
        {
            return null;
        }

        var interval = await GeneratorThread.RunAsync(() => _traffic.Run(TimeSpan.FromSeconds(_effort.SystemCallSeconds), stop));
        var counts = await counter.StopAsync();
        return counts.ToDictionary(each => each.Key, each => each.Value / (double)interval.Messages);
    }
}
