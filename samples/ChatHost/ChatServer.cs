using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using RawSocketChat;
using RawSocketChat.Handshake;
using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>The chat on the library: one port for the page and the chat, from the command line to the signal that ends it.</summary>
internal static class ChatServer
{
    /// <returns>The exit status: 0 after SIGINT or SIGTERM.</returns>
    /// <exception cref="SwitchException">It cannot start.</exception>
    public static async Task<int> RunAsync(ChatHostSwitches switches)
    {
        var (certificate, chain) = ServerSwitches.LoadCertificate(switches.TlsCertificateFile);

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
                ServerCertificate = certificate,
                ServerCertificateChain = chain,
                LoggerFactory = loggers,
                TimeProvider = time,
                Deflate = switches.Deflates ? new() : null,
                OnHttpRequest = (request, _) => ValueTask.FromResult(Answer(request)),
                PeriodicBroadcast = switches.AnnounceEvery is { } interval
                    ? new PeriodicBroadcast
                    {
                        Interval = interval,
                        MaxJitter = switches.AnnounceJitter,
                        OnDue = _ => room.Announce(switches.AnnounceText),
                    }
                    : null,
            });

        return await ServerProgram.RunAsync(
            server,
            (connection, stopping) => ServeAsync(connection, room, time, stopping),
            new(switches.Address, switches.Port),
            tls: certificate is not null);
    }

    // Anything else is 404, and what is not a GET 405: the server's own answers.
    private static HttpResponse? Answer(HttpRequest request) => request.Path switch
    {
        "/" => HttpResponse.Html(ChatPage.Html),
        "/healthz" => new() { Body = "ok"u8.ToArray() },
        _ => null,
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
