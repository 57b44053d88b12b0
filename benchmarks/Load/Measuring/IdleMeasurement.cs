using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Generator;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>What connections that do nothing cost in memory: in a fresh process each time, as memory is hardly ever given back.</summary>
internal static class IdleMeasurement
{
    /// <summary>Measures.</summary>
    public static async Task<Sample> RunAsync(Cell cell, ServerSpec spec, Effort effort, Sample sample, CancellationToken stop)
    {
        await using var server = await ServerProcess.StartAsync(spec, stop);

        // What all connections share, compiled code above all, is there before the first that counts.
        using (var traffic = new HandshakeTraffic(server.Port, atOnce: 16))
        {
            await TrafficSession.WarmAsync(traffic, server, effort, stop);
        }

        var settle = TimeSpan.FromSeconds(effort.SettleSeconds);
        var before = await server.AskAsync(collect: true, stop);
        await Task.Delay(settle, stop);
        var resident = server.ResidentBytes;

        using var connections = await GeneratorThread.RunAsync(() => new IdleConnections(server.Port, cell.Connections, stop));
        await Task.Delay(settle, stop);
        resident = server.ResidentBytes - resident;
        var after = await server.AskAsync(collect: true, stop);

        return sample with
        {
            ResidentBytesPerConnection = resident / (double)cell.Connections,
            HeapBytesPerConnection = (after.HeapBytes - before.HeapBytes) / (double)cell.Connections,
        };
    }
}
