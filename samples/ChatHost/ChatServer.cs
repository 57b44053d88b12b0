using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RawSocketChat;

namespace ChatHost;

/// <summary>The chat on the library: one port for the page and the chat, from the command line to the signal that ends it.</summary>
internal static class ChatServer
{
    /// <returns>The exit status: 0 after SIGINT or SIGTERM, 1 (and one line on standard error) where it cannot start.</returns>
    public static async Task<int> RunAsync(ChatHostSwitches switches)
    {
        SslServerAuthenticationOptions? tls;
        try
        {
            tls = switches.TlsCertificateFile is { } file ? TlsCertificate.Load(file) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Fail($"--tls-cert: \"{switches.TlsCertificateFile}\" cannot be used: {exception.Message}");
        }

        // Standard output is for the one line that says where the chat listens.
        using var loggers = LoggerFactory.Create(logging => logging
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(line => line.SingleLine = true));
        var time = TimeProvider.System;
        var room = new ChatRoom(time, loggers.CreateLogger("ChatHost"));

        await using var server = new WebSocketServer(
            new WebSocketServerOptions
            {
                Address = switches.Address,
                Port = switches.Port,
                Tls = tls,
                LoggerFactory = loggers,
                TimeProvider = time,
                OnHttpRequest = (request, _) => ValueTask.FromResult<HttpResponse?>(Answer(request)),
                PeriodicBroadcast = switches.AnnounceEvery is { } interval
                    ? new PeriodicBroadcast
                    {
                        Interval = interval,
                        MaxJitter = switches.AnnounceJitter,
                        OnDue = _ => room.Announce(switches.AnnounceText),
                    }
                    : null,
            },
            (connection, stopping) => ServeAsync(connection, room, time, stopping));

        // Before it listens: a signal that comes meanwhile ends it no less.
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true; // The process ends when everybody has been told, not at once.
            stop.Cancel();
        }

        try
        {
            await server.StartAsync();
        }
        catch (SocketException exception)
        {
            return Fail($"Cannot listen on {new IPEndPoint(switches.Address, switches.Port)}: {exception.Message}.");
        }

        await Console.Out.WriteLineAsync($"listening on {(tls is null ? "ws" : "wss")}://{server.LocalEndPoint}/");
        await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync();
        return 0;
    }

    private static int Fail(string problem)
    {
        Console.Error.WriteLine(LogText.OneLine(problem));
        return 1;
    }

    private static HttpResponse Answer(HttpRequest request) => (request.Method, request.Path.Split('?')[0]) switch
    {
        ("GET", "/") => HttpResponse.Html(ChatPage.Html),
        ("GET", "/healthz") => HttpResponse.Text(200, "ok"),
        ("GET", _) => HttpResponse.Text(404, "not found"),
        _ => HttpResponse.Text(405, "only GET"),
    };

    private static async Task ServeAsync(WebSocketConnection connection, ChatRoom room, TimeProvider time, CancellationToken stopping)
    {
        var member = room.Join(message => Send(connection, message), connection.RemoteEndPoint?.ToString() ?? "somewhere");
        try
        {
            var session = new ChatSession(room, member, time);
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                if (!session.Receive(message.Payload.Span, message.Type))
                {
                    room.Leave(member);
                    await connection.CloseAsync(WebSocketCloseStatus.PolicyViolation, "too many refused messages", stopping);
                    return;
                }
            }
        }
        finally
        {
            room.Leave(member);
        }
    }

    /// <summary>Never waits. Who does not read what it is sent would see an order with holes, and is closed instead.</summary>
    private static void Send(WebSocketConnection connection, PreparedMessage message)
    {
        if (connection.TrySend(message, dropOldest: false, out _) == TrySendResult.Full)
        {
            connection.StartClose(WebSocketCloseStatus.PolicyViolation, "too slow", discardWaiting: true);
        }
    }
}
