using System.IO.Compression;
using System.Text;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

[TestFixture("ClientWebSocket")]
[TestFixture("ws")]
[TestFixture("python3-websockets")]
public class Compressing_with_clients_that_others_wrote_RFC7692(string name)
{
    private const string Ascii = "To be, or not to be, that is the question: to be, or not to be.";
    private const string Chinese = "你好，世界！你好，服务器！世界，你好！";
    private const string Emoji = "👋🏽 👩‍👩‍👧 𠮷 👋🏽 👩‍👩‍👧 𠮷 👋🏽 👩‍👩‍👧 𠮷";

    private static readonly int[] Windows = [8, 9, 10, 11, 12, 13, 14, 15];

    private readonly ForeignClient _client = ForeignClient.Named(name);

    // A plan is an argument of a process: Linux bounds one at 128 KiB.
    [Test]
    public async Task Every_offer_that_the_client_can_make_is_answered_and_everything_comes_back(
        [Values] bool allowed, [Values(CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize)] CompressionLevel level)
    {
        var deflate = new DeflateOptions { ServerContextTakeover = allowed, ClientContextTakeover = allowed, MinMessageSize = 0, Level = level };
        ClientStep[] contents =
        [
            ClientStep.Send(Ascii),
            ClientStep.Send(Chinese),
            ClientStep.Send(Emoji),
            ClientStep.Send(""),
            ClientStep.Send(0),
            ClientStep.Send(1),
            ClientStep.Send(126),
            ClientStep.Send(3000),
            ClientStep.Send(40_000, "zeros"),
            ClientStep.Send(3000, "random"),
            ClientStep.Send(34_000, "random"),
            ClientStep.SendFragments(Chinese, 3),
            ClientStep.SendFragments(2000, 700, "zeros"),
            ClientStep.Send(Ascii),
        ];

        await EchoAsync(deflate, OffersOf(name), contents);
    }

    [Test]
    public async Task Smaller_windows_of_the_server_s_choice_are_obeyed(
        [Values(8, 9, 12)] int serverBits, [Values(9, 12)] int clientBits, [Values] bool clientTakeover)
    {
        // zlib makes no raw stream with a window of 256 bytes, and the framework refuses one: no client here can be asked for 8.
        var deflate = new DeflateOptions
        {
            ServerContextTakeover = true,
            ClientContextTakeover = clientTakeover,
            ServerMaxWindowBits = name == "ClientWebSocket" ? Math.Max(serverBits, 9) : serverBits,
            ClientMaxWindowBits = clientBits,
            MinMessageSize = 0,
            Level = CompressionLevel.Optimal,
        };
        var offers = OffersOf(name).Where(offer => offer.ServerMaxWindowBits is null or 10 or 15 && offer.ClientMaxWindowBits is null or 0 or 10 or 15);

        await EchoAsync(deflate, [.. offers], [ClientStep.Send(Chinese), ClientStep.Send(20_000), ClientStep.Send(Chinese), ClientStep.Send(20_000, "random"), ClientStep.Send(Ascii)]);
    }

    // Around the three forms of a frame's length (RFC 6455 §5.2), and far beyond a window and a socket's buffers.
    [Test]
    public async Task Messages_of_every_length_come_back(
        [Values] bool takeover, [Values("pattern", "zeros", "random")] string kind, [Values(0, 1, 125, 126, 65535, 65536, 1024 * 1024, 16 * 1024 * 1024)] int length)
    {
        var deflate = new DeflateOptions { ServerContextTakeover = takeover, ClientContextTakeover = takeover, MinMessageSize = 0 };

        await EchoAsync(deflate, [new(ClientMaxWindowBits: 0)], [ClientStep.Send(length, kind), ClientStep.SendFragments(Math.Max(length, 1), 500_000, kind)]);
    }

    [Test]
    public async Task A_thousand_messages_in_a_row_come_back_in_their_order([Values] bool allowed, [Values(9, 12, 15)] int bits)
    {
        await using var server = await TestServer.StartAsync(new()
        {
            Deflate = new() { ServerContextTakeover = allowed, ClientContextTakeover = allowed, MinMessageSize = 0 },
        });
        ClientOffer[] offers =
        [
            .. from serverNone in (bool[])[false, true]
               from clientNone in (bool[])[false, true]
               select new ClientOffer(true, serverNone, clientNone, bits, bits),
        ];

        var events = await _client.RunAsync(new(server.Url, ClientStep.Burst(1000), ClientStep.Close(1000)) { Offers = offers });

        for (var client = 0; client < offers.Length; client++)
        {
            events.Where(happened => happened.Event == "message" && happened.Client == client).Select(happened => happened.Text)
                .Should().Equal(Enumerable.Range(0, 1000).Select(number => $"client {client} message {number}"));
        }
    }

    [Test]
    public async Task Short_messages_of_the_server_go_out_as_they_are_and_are_read_beside_compressed_ones([Values] bool takeover)
    {
        var deflate = new DeflateOptions { ServerContextTakeover = takeover, ClientContextTakeover = takeover, MinMessageSize = 100 };
        ClientStep[] contents =
        [
            ClientStep.Send(99, "zeros"), ClientStep.Send(100, "zeros"), ClientStep.Send(50, "zeros"), ClientStep.Send(5000), ClientStep.Send(1), ClientStep.Send(5000),
        ];

        await EchoAsync(deflate, [new(ClientMaxWindowBits: 0)], contents);
    }

    [Test]
    public async Task A_client_that_offers_none_gets_none()
    {
        await using var server = await TestServer.StartAsync(new() { Deflate = new() { MinMessageSize = 0 } });

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send(Chinese), ClientStep.Receive(), ClientStep.Close(1000)) { Offers = [ClientOffer.None] });

        events.Single(happened => happened.Event == "open").Extensions.Should().BeNull();
        events.Single(happened => happened.Event == "message").Text.Should().Be(Chinese);
    }

    /// <summary>What a client can offer: the framework's windows begin at 9 and always have a name, zlib's own deflater begins at 9.</summary>
    private static ClientOffer[] OffersOf(string client)
    {
        var serverBits = client == "ClientWebSocket" ? Windows[1..].Cast<int?>() : [null, .. Windows];
        IEnumerable<int?> clientBits = client switch
        {
            "ClientWebSocket" => [0, .. Windows[1..^1]],
            // Node raises 8 to zlib's 9, whose matches never reach beyond 250 bytes.
            "ws" => [null, 0, .. Windows],
            _ => [null, 0, .. Windows[1..]],
        };
        return
        [
            .. from serverNone in (bool[])[false, true]
               from clientNone in (bool[])[false, true]
               from server in serverBits
               from own in clientBits
               select new ClientOffer(true, serverNone, clientNone, server, own),
        ];
    }

    private async Task EchoAsync(DeflateOptions deflate, ClientOffer[] offers, ClientStep[] contents)
    {
        var counters = new System.Collections.Concurrent.ConcurrentBag<DeflateCounters>();
        await using var server = await TestServer.StartAsync(
            new() { Deflate = deflate, MaxMessageSize = 64 * 1024 * 1024 },
            async (connection, stopping) =>
            {
                await foreach (var message in connection.ReadAllAsync(stopping))
                {
                    await connection.SendAsync(message, stopping);
                }

                counters.Add(connection.DeflateCounters);
            });

        var events = await _client.RunAsync(
            new(server.Url, [.. contents.SelectMany(content => (ClientStep[])[content, ClientStep.Receive()]), ClientStep.Close(1000)]) { Offers = offers });
        await server.StopAsync();

        for (var client = 0; client < offers.Length; client++)
        {
            var own = events.Where(happened => happened.Client == client).ToList();
            own[0].Extensions.Should().Be(Answer(offers[client], deflate), "{0} was offered", offers[client]);
            own.Where(happened => happened.Event == "message").Select(happened => (happened.Type, happened.Length, happened.Sha256))
                .Should().Equal(contents.Select(Expected), "{0} was agreed on", own[0].Extensions);
            own[^1].Code.Should().Be(1000);
        }

        counters.Should().HaveCount(offers.Length).And.OnlyContain(
            one => one.ReceivedBefore > 0, "each client has compressed");
        if (contents.Any(content => content.Kind == "zeros" && content.Bytes >= deflate.MinMessageSize && content.Bytes > 100))
        {
            counters.Should().OnlyContain(one => one.SentBefore > one.SentAfter, "the server has compressed for each");
        }
    }

    private static (string?, int?, string?) Expected(ClientStep content)
    {
        var bytes = content.Text is null ? Pattern.Bytes(content.Bytes!.Value, content.Kind!) : Encoding.UTF8.GetBytes(content.Text);
        return (content.Text is null ? "binary" : "text", bytes.Length, Pattern.Digest(bytes));
    }

    // RFC 7692 §7.1: what is asked of the server is granted and said; what the server asks of the client, the client has offered to be asked, but
    // for the takeover, which may be asked of any.
    private string Answer(ClientOffer offer, DeflateOptions deflate)
    {
        var serverBits = Math.Min(offer.ServerMaxWindowBits ?? 15, deflate.ServerMaxWindowBits);
        var clientBits = Math.Min(offer.ClientMaxWindowBits is > 0 and var bits ? bits : 15, deflate.ClientMaxWindowBits);
        var cannotBeAsked = offer.ClientMaxWindowBits is null && deflate.ClientMaxWindowBits < 15;
        var answer = new StringBuilder("permessage-deflate");
        answer.Append(offer.ServerNoContextTakeover || !deflate.ServerContextTakeover ? "; server_no_context_takeover" : "");
        answer.Append(offer.ClientNoContextTakeover || !deflate.ClientContextTakeover || cannotBeAsked ? "; client_no_context_takeover" : "");

        // The framework does not name a window of 15 that it asks the server for.
        answer.Append(serverBits < 15 || (offer.ServerMaxWindowBits == 15 && name != "ClientWebSocket") ? $"; server_max_window_bits={serverBits}" : "");
        answer.Append(clientBits < 15 && offer.ClientMaxWindowBits is not null ? $"; client_max_window_bits={clientBits}" : "");
        return answer.ToString();
    }
}
