using System.CommandLine;
using System.Net;

using BenchServer;

using RawSocketChat;
using RawSocketChat.Samples;

// The server that is measured beside its peers: no log, no limit and no timer that a load could run into.
var switches = new BenchSwitches();
var command = new RootCommand("Echoes at /echo; sends to every connection at /broadcast; tells what it has allocated at /stats.");
switches.AddTo(command);
command.SetAction(async parsed =>
{
    await using var server = new WebSocketServer(new()
    {
        Port = switches.Port(parsed),
        Transport = switches.Transport(parsed),
        Backlog = ushort.MaxValue,
        MaxPendingHandshakes = int.MaxValue,
        MaxPendingHandshakesPerAddress = int.MaxValue,
        MaxConnections = int.MaxValue,
        MaxMessageSize = 64 * 1024 * 1024,
        MaxOutgoingBytes = 64 * 1024 * 1024,
        Deflate = switches.Deflates(parsed)
            ? new() { ServerContextTakeover = true, ClientContextTakeover = true, MinMessageSize = 0 }
            : null,
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
        StopTimeout = TimeSpan.FromSeconds(2),
        OnHttpRequest = (request, _) => new(request.Path == "/stats" ? Stats.Answer(request) : null),
    });
    return await ServerProgram.RunAsync(
        server,
        (connection, stopping) => connection.GetRequest().Path == "/broadcast"
            ? BroadcastAsync(server, connection, stopping)
            : EchoAsync(connection, stopping),
        new(IPAddress.Loopback, switches.Port(parsed)),
        tls: false);
});
return await ServerSwitches.RunAsync(command, args, Console.Out, Console.Error);

static async Task EchoAsync(WebSocketConnection connection, CancellationToken stopping)
{
    await foreach (var message in connection.ReadAllAsync(stopping))
    {
        await connection.SendAsync(message, stopping);
    }
}

static async Task BroadcastAsync(WebSocketServer server, WebSocketConnection connection, CancellationToken stopping)
{
    await foreach (var message in connection.ReadAllAsync(stopping))
    {
        server.Broadcast(message);
    }
}
