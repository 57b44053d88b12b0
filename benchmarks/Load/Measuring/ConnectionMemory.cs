using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Generator;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Measuring;

/// <summary>
/// What the connections of a load cost a server in memory: what is resident, since compression may hold native memory that no managed heap
/// knows of.
/// </summary>
internal sealed class ConnectionMemory
{
    // What the allocators keep of these, and give to those that are measured, is a small part of what those take.
    private const int WarmConnections = 2;

    private readonly ServerProcess _server;
    private readonly int _connections;
    private readonly TimeSpan _settle;
    private readonly long _before;

    private ConnectionMemory(ServerProcess server, int connections, TimeSpan settle, long before)
    {
        _server = server;
        _connections = connections;
        _settle = settle;
        _before = before;
    }

    /// <summary>Warms a fresh server with a few connections, which are closed again, and looks at its memory.</summary>
    public static async Task<ConnectionMemory> BeginAsync(Cell cell, ServerProcess server, Effort effort, CancellationToken stop)
    {
        var settle = TimeSpan.FromSeconds(effort.SettleSeconds);
        using (var few = await GeneratorThread.RunAsync(() => (cell with { Connections = WarmConnections }).Open(server.Port)))
        {
            await TrafficSession.WarmAsync(few, server, effort, stop);
        }

        await server.AskAsync(collect: true, stop);
        await Task.Delay(settle, stop);
        return new(server, cell.Connections, settle, server.ResidentBytes);
    }

    /// <summary>Looks again, at the end of the load and when the server has had nothing to do for a while.</summary>
    /// <returns>The same sample, with its figures.</returns>
    public async Task<Sample> EndAsync(Sample sample, CancellationToken stop)
    {
        var busy = PerConnection();
        await Task.Delay(_settle, stop);
        await _server.AskAsync(collect: true, stop);
        return sample with { BusyBytesPerConnection = busy, QuietBytesPerConnection = PerConnection() };
    }

    private double PerConnection() => (_server.ResidentBytes - _before) / (double)_connections;
}
