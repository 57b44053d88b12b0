using System.Net.WebSockets;
using System.Text;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>The base class library's own client.</summary>
public sealed class DotNetClient : ForeignClient
{
    public override async Task<IReadOnlyList<ClientEvent>> RunAsync(ClientPlan plan)
    {
        using var cut = new CancellationTokenSource(Limit);
        var runs = await Task.WhenAll(Enumerable.Range(0, plan.Offers?.Count ?? plan.Clients).Select(client => RunOneAsync(plan, client, cut.Token)));
        return [.. runs.SelectMany(events => events)];
    }

    private static async Task<List<ClientEvent>> RunOneAsync(ClientPlan plan, int client, CancellationToken cut)
    {
        using var socket = new ClientWebSocket();
        foreach (var protocol in plan.Protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        socket.Options.DangerousDeflateOptions = plan.Offers?[client] is { Deflate: true } offer ? DeflateOf(offer) : null;
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(plan.Url, cut);
        var extensions = socket.HttpResponseHeaders!.TryGetValue("Sec-WebSocket-Extensions", out var answer) ? answer.Single() : null;
        var events = new List<ClientEvent> { new("open", client, Protocol: socket.SubProtocol, Extensions: extensions) };
        foreach (var step in plan.Steps)
        {
            await TakeAsync(step);
        }

        return events;

        async Task TakeAsync(ClientStep step)
        {
            var type = step.Text is null ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
            var payload = step.Text is null ? Pattern.Bytes(step.Bytes ?? 0, step.Kind ?? "pattern") : Encoding.UTF8.GetBytes(step.Text);
            switch (step.Do)
            {
                case "send":
                    await socket.SendAsync(payload, type, endOfMessage: true, cut);
                    break;
                case "sendFragments":
                    for (var at = 0; at < payload.Length; at += step.Size ?? 1)
                    {
                        var size = Math.Min(step.Size ?? 1, payload.Length - at);
                        await socket.SendAsync(payload.AsMemory(at, size), type, at + size == payload.Length, cut);
                    }

                    break;
                case "receive":
                    for (var i = 0; i < step.Count; i++)
                    {
                        events.Add(await ReceiveAsync(socket, client, cut));
                    }

                    break;
                case "burst":
                    for (var i = 0; i < step.Count; i++)
                    {
                        await TakeAsync(ClientStep.Send($"client {client} message {i}"));
                    }

                    await TakeAsync(ClientStep.Receive(step.Count!.Value));
                    break;
                case "close":
                    await socket.CloseAsync((WebSocketCloseStatus)step.Code!.Value, step.Reason, cut);
                    events.Add(Closed());
                    break;
                case "awaitClose":
                    (await socket.ReceiveAsync(new byte[1], cut)).MessageType.Should().Be(WebSocketMessageType.Close);
                    await socket.CloseOutputAsync(socket.CloseStatus!.Value, null, cut);
                    events.Add(Closed());
                    break;
                default:
                    throw new NotSupportedException($"ClientWebSocket cannot {step.Do}.");
            }
        }

        ClientEvent Closed() => new("close", client, Code: (int?)socket.CloseStatus, Reason: socket.CloseStatusDescription);
    }

    // It always names client_max_window_bits, and 15 is its word for the parameter without a value.
    private static WebSocketDeflateOptions DeflateOf(ClientOffer offer) => new()
    {
        ServerContextTakeover = !offer.ServerNoContextTakeover,
        ClientContextTakeover = !offer.ClientNoContextTakeover,
        ServerMaxWindowBits = offer.ServerMaxWindowBits ?? 15,
        ClientMaxWindowBits = offer.ClientMaxWindowBits is > 0 and var bits ? bits : 15,
    };

    private static async Task<ClientEvent> ReceiveAsync(ClientWebSocket socket, int client, CancellationToken cut)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(), cut);
            result.MessageType.Should().NotBe(WebSocketMessageType.Close, "a message is due, not {0}", socket.CloseStatus);
            message.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);

        var bytes = message.ToArray();
        var isText = result.MessageType == WebSocketMessageType.Text;
        return new(
            "message",
            client,
            Type: isText ? "text" : "binary",
            Length: bytes.Length,
            Sha256: Pattern.Digest(bytes),
            Text: isText && bytes.Length <= 4096 ? Encoding.UTF8.GetString(bytes) : null);
    }
}
