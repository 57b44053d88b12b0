using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

/// <summary>permessage-deflate from the handshake to the message, with the framework's client at the other end.</summary>
internal sealed class Compressing_RFC7692 : ServerFixture
{
    private static readonly DeflateOptions Takeover = new() { ServerContextTakeover = true, ClientContextTakeover = true, MinMessageSize = 0 };

    [Test]
    public async Task Every_combination_of_what_the_framework_s_client_can_ask_for_echoes_everything(
        [Values] bool serverTakeover, [Values] bool clientTakeover, [Values(9, 12, 15)] int serverBits, [Values(9, 12, 15)] int clientBits, [Values] bool allowed)
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            Deflate = new() { ServerContextTakeover = allowed, ClientContextTakeover = allowed, MinMessageSize = 0, Level = CompressionLevel.Optimal },
            MaxMessageSize = 1024 * 1024,
        }, EchoAsync);
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new()
        {
            ServerContextTakeover = serverTakeover,
            ClientContextTakeover = clientTakeover,
            ServerMaxWindowBits = serverBits,
            ClientMaxWindowBits = clientBits,
        };
        client.Options.CollectHttpResponseDetails = true;
        await client.ConnectAsync(UriOf(server), CancellationToken.None).Soon();

        client.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Single().Should().StartWith("permessage-deflate");
        foreach (var length in (int[])[0, 1, 5, 125, 126, 1000, 40_000, 300_000])
        {
            foreach (var kind in (string[])["chat", "zeros", "random"])
            {
                var message = Content(kind, length);
                (await EchoAsync(client, message, WebSocketMessageType.Binary)).AsSpan().SequenceEqual(message).Should().BeTrue($"{length} bytes of {kind}");
            }
        }

        for (var i = 0; i < 100; i++)
        {
            var text = Encoding.UTF8.GetBytes($$"""{"type":"message","text":"你好 {{i}}"}""");
            (await EchoAsync(client, text, WebSocketMessageType.Text)).Should().Equal(text);
        }

        var counters = server.Connections.Single().DeflateCounters;
        counters.ReceivedAfter.Should().BeGreaterThan(counters.ReceivedBefore);
        counters.SentBefore.Should().BeGreaterThan(counters.SentAfter);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Soon();
    }

    [Test]
    public async Task Without_an_offer_and_without_the_option_there_is_none()
    {
        var with = await StartAsync(new WebSocketServerOptions { Deflate = Takeover }, EchoAsync);
        var without = await StartAsync(new WebSocketServerOptions(), EchoAsync);

        (await AnswerAsync(with, "")).Should().BeNull();
        (await AnswerAsync(without, "permessage-deflate")).Should().BeNull();
        (await AnswerAsync(with, "permessage-deflate; server_max_window_bits=7")).Should().BeNull();
        (await AnswerAsync(with, "permessage-deflate")).Should().Be("permessage-deflate");
    }

    [Test]
    public async Task It_can_be_chosen_by_path_and_a_choice_that_fails_is_a_500()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            SelectDeflate = request => request.Path switch
            {
                "/" => null,
                "/on" => Takeover,
                _ => throw new InvalidOperationException("no choice"),
            },
        }, EchoAsync);

        (await AnswerAsync(server, "permessage-deflate")).Should().BeNull();
        (await AnswerAsync(server, "permessage-deflate", "/on")).Should().Be("permessage-deflate");
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request("Sec-WebSocket-Extensions: permessage-deflate\r\n", "/else"));
        (await client.ReadAnswerAsync()).Status.Should().Be(500);
    }

    [Test]
    public async Task The_memory_bound_decides_what_is_agreed_on()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            Deflate = new() { ServerContextTakeover = true, ClientContextTakeover = true, MaxMemoryPerConnection = 16 * 1024 },
        }, EchoAsync);

        (await AnswerAsync(server, "permessage-deflate; client_max_window_bits"))
            .Should().Be("permessage-deflate; server_max_window_bits=11; client_max_window_bits=13");
    }

    private static Uri UriOf(WebSocketServer server) => new($"ws://{server.LocalEndPoint}/");

    private async Task<string?> AnswerAsync(WebSocketServer server, string offer, string path = "/")
    {
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request(offer.Length == 0 ? "" : $"Sec-WebSocket-Extensions: {offer}\r\n", path));
        var answer = await client.ReadAnswerAsync();
        answer.Status.Should().Be(101);
        return answer.Headers.GetValueOrDefault("Sec-WebSocket-Extensions");
    }

    private static async Task<byte[]> EchoAsync(ClientWebSocket client, byte[] message, WebSocketMessageType type)
    {
        await client.SendAsync(message.AsMemory(), type, true, CancellationToken.None).AsTask().Soon();
        var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var result = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).Soon();
            received.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                result.MessageType.Should().Be(type);
                return received.ToArray();
            }
        }
    }

    private static byte[] Content(string kind, int length)
    {
        var random = new Random(length);
        var bytes = new byte[length];
        if (kind == "random")
        {
            random.NextBytes(bytes);
        }
        else if (kind == "chat")
        {
            var words = Encoding.ASCII.GetBytes("""{"type":"message","name":"somebody","text":"something that was said"}""");
            for (var i = 0; i < length; i++)
            {
                bytes[i] = random.Next(20) == 0 ? (byte)random.Next(32, 127) : words[i % words.Length];
            }
        }

        return bytes;
    }
}
