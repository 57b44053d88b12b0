using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Generator;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>
/// What connections that compress cost in memory: what is resident, since the memory of zlib is on no managed heap. In a fresh process each
/// time, as memory is hardly ever given back.
/// </summary>
internal static class DeflateMemoryMeasurement
{
    // What is counted is what more connections add to these, which stay open: the memory of closed ones would be given to the next.
    private const int FirstConnections = 32;

    // The runtime would let garbage grow to the size of the processor's cache before it looks at it the first time, and more of it than
    // connections take. Hexadecimal: 2 MiB.
    private static readonly Dictionary<string, string> LittleGarbage = new() { ["DOTNET_GCgen0size"] = "200000" };

    /// <summary>Measures.</summary>
    public static async Task<Sample> RunAsync(Cell cell, ServerSpec spec, Effort effort, Sample sample, CancellationToken stop)
    {
        await using var server = await ServerProcess.StartAsync(spec, stop, LittleGarbage);
        var settle = TimeSpan.FromSeconds(effort.SettleSeconds);

        using var first = await GeneratorThread.RunAsync(() => (cell with { Connections = FirstConnections }).Open(server.Port));
        await TrafficSession.WarmAsync(first, server, effort with { LeastWarmCpuSeconds = 0.5, MostWarmCpuSeconds = 1 }, stop);
        var before = await LoadAsync(first, FirstConnections);

        using var more = await GeneratorThread.RunAsync(() => cell.Open(server.Port));
        var after = await LoadAsync(more, cell.Connections);

        return sample with
        {
            BusyBytesPerConnection = (after.Busy - before.Busy) / (double)cell.Connections,
            ResidentBytesPerConnection = (after.Quiet - before.Quiet) / (double)cell.Connections,
            HeapBytesPerConnection = (after.Heap - before.Heap) / (double)cell.Connections,
        };

        async Task<(long Busy, long Quiet, long Heap)> LoadAsync(ITraffic traffic, int connections)
        {
            await GeneratorThread.RunAsync(() => FillWindows(traffic, connections, stop));
            var busy = server.ResidentBytes;
            await Task.Delay(settle, stop);
            var stats = await server.AskAsync(collect: true, stop);
            return (busy, server.ResidentBytes, stats.HeapBytes);
        }
    }

    // Each connection's, in both directions, also the largest.
    private static long FillWindows(ITraffic traffic, int connections, CancellationToken stop)
    {
        const int BytesEach = 64 * 1024;
        long sent = 0;
        while (sent < (long)connections * BytesEach)
        {
            sent += traffic.Run(TimeSpan.FromMilliseconds(100), stop).Bytes;
        }

        return sent;
    }
}
