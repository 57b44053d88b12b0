using System.Net;
using System.Net.WebSockets;
using System.Threading.Channels;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>ASP.NET Core's server, in this process. It can neither ping when it is told to nor tell of pings.</summary>
public sealed class KestrelServer : ForeignServer
{
    private readonly WebApplication _app;
    private readonly bool _deflate;
    private readonly Channel<(int? Code, string? Reason)> _closed = Channel.CreateUnbounded<(int?, string?)>();

    private KestrelServer(WebApplication app, bool deflate) => (_app, _deflate) = (app, deflate);

    public static async Task<KestrelServer> StartAsync(bool deflate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new KestrelServer(app, deflate);
        app.UseWebSockets();
        app.Run(server.ServeAsync);
        await app.StartAsync();
        server.Port = new Uri(app.Urls.Single()).Port;
        return server;
    }

    public override async Task ClosedAsync(int code, string reason)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await _closed.Reader.ReadAsync(bound.Token) != (code, reason))
        {
            // Of a connection before.
        }
    }

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        var chosen = context.WebSockets.WebSocketRequestedProtocols.Contains("chat.v2") ? "chat.v2" : null;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { DangerousEnableCompression = _deflate, SubProtocol = chosen });
        switch (context.Request.Path.Value)
        {
            case "/header":
                var value = System.Text.Encoding.UTF8.GetBytes(context.Request.Headers["X-Test"].ToString());
                await socket.SendAsync(value, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                break;
            case "/close":
                await socket.CloseOutputAsync((WebSocketCloseStatus)4002, "再见 👋", CancellationToken.None);
                break;
        }

        await EchoAsync(socket, context.Request.Path == "/fragments" ? 1000 : 64 * 1024);
        _closed.Writer.TryWrite(((int?)socket.CloseStatus, socket.CloseStatusDescription));
    }

    private static async Task EchoAsync(WebSocket socket, int size)
    {
        var buffer = new byte[size];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.CloseReceived)
                {
                    await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, CancellationToken.None);
                }

                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    }
}
