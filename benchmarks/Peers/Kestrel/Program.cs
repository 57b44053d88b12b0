using System.Net;
using System.Net.WebSockets;

using Kestrel;

// ASP.NET Core on the paths that every server here has: as its documentation writes it, or tuned within what it offers.
var isTuned = false;
var deflates = false;
var port = 0;
for (var i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i], args[i + 1])
    {
        case ("--mode", "documented" or "tuned"):
            isTuned = args[i + 1] == "tuned";
            break;
        case ("--deflate", "on" or "off"):
            deflates = args[i + 1] == "on";
            break;
        case ("--port", var text) when ushort.TryParse(text, out var value):
            port = value;
            break;
        default:
            Console.Error.WriteLine($"{args[i]}: \"{args[i + 1]}\" is not known.");
            return 1;
    }
}

var builder = isTuned ? WebApplication.CreateEmptyBuilder(new()) : WebApplication.CreateBuilder();
builder.WebHost.ConfigureKestrel(options =>
{
    options.AddServerHeader = !isTuned;
    options.Listen(IPAddress.Loopback, port);
});
builder.WebHost.UseSockets(options => options.Backlog = ushort.MaxValue);
if (isTuned)
{
    builder.WebHost.UseKestrelCore();
}
else
{
    // What the framework's project templates write into appsettings.json.
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
}

await using var app = builder.Build();
if (isTuned)
{
    app.UseWebSockets(new() { KeepAliveInterval = TimeSpan.Zero });
}
else
{
    app.UseWebSockets();
}

var documentedMembers = new LockedBroadcast();
var tunedMembers = new ChannelBroadcast();
app.Run(context => (context.Request.Path.Value, context.WebSockets.IsWebSocketRequest) switch
{
    ("/broadcast", true) => ServeAsync(context, isTuned ? tunedMembers.ServeAsync : documentedMembers.ServeAsync),
    (_, true) => ServeAsync(context, isTuned ? TunedEcho.ServeAsync : DocumentedEcho.ServeAsync),
    ("/stats", false) => Stats.AnswerAsync(context),
    _ => NotFoundAsync(context),
});
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First().Replace("http://", "ws://", StringComparison.Ordinal)}/");
await app.WaitForShutdownAsync();
return 0;

async Task ServeAsync(HttpContext context, Func<WebSocket, Task> serve)
{
    // It takes over contexts and windows as the client offers them.
    using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = deflates });
    try
    {
        await serve(socket);
    }
    catch (WebSocketException)
    {
        // The peer is gone.
    }
}

static Task NotFoundAsync(HttpContext context)
{
    context.Response.StatusCode = StatusCodes.Status404NotFound;
    return Task.CompletedTask;
}
