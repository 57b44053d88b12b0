using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>Two ends that have agreed on permessage-deflate, in memory.</summary>
public sealed class Compressing_RFC7692_6
{
    private TrackingPool _pool = null!;

    [SetUp]
    public void Make() => _pool = new();

    [Test]
    public async Task Messages_of_every_kind_arrive_both_ways([Values] bool takeover, [Values(8, 12, 15)] int bits, [Values] CompressionLevel level)
    {
        if (level == CompressionLevel.NoCompression)
        {
            return;
        }

        await using var pair = Pair(takeover, bits, level);
        foreach (var (from, to) in ((WebSocketConnection, WebSocketConnection)[])[(pair.Client, pair.Server), (pair.Server, pair.Client)])
        {
            await AssertArrivesAsync(from, to);
        }
    }

    [Test]
    public async Task Many_senders_at_once_do_not_mix_up_what_refers_to_what([Values] bool takeover)
    {
        await using var pair = Pair(takeover, 15);
        var sending = Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await pair.Server.SendAsync(Text(sender, i));
            }
        })).ToArray();

        var next = new int[8];
        for (var i = 0; i < 8 * 200; i++)
        {
            var text = (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text;
            var sender = int.Parse(text.AsSpan(8, 1));
            text.Should().Be(Text(sender, next[sender]++));
        }

        await Peer.Within(Task.WhenAll(sending));
    }

    [Test]
    public async Task A_message_with_a_secret_can_be_left_as_it_is([Values] bool takeover)
    {
        await using var pair = Pair(takeover, 15);
        var secret = Encoding.UTF8.GetBytes("secret, secret, secret, secret, secret, secret");

        await pair.Server.SendAsync(secret, WebSocketMessageType.Text, compress: false);
        (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Span.SequenceEqual(secret).Should().BeTrue();
        pair.Server.DeflateCounters.SentBefore.Should().Be(0);

        await pair.Server.SendAsync(secret, WebSocketMessageType.Text, compress: true);
        (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Span.SequenceEqual(secret).Should().BeTrue();
        pair.Server.DeflateCounters.SentBefore.Should().Be(secret.Length);
    }

    [Test]
    public async Task What_the_adapter_is_told_to_leave_alone_is_not_compressed([Values] bool takeover, [Values] bool inFragments)
    {
        const WebSocketMessageFlags End = WebSocketMessageFlags.EndOfMessage;
        const WebSocketMessageFlags Plain = WebSocketMessageFlags.DisableCompression;
        await using var pair = Pair(takeover, 15);
        using var sender = pair.Server.AsWebSocket();
        await SendAsync("the secret is next to what others choose", Plain, 0);
        pair.Server.DeflateCounters.SentBefore.Should().Be(0);

        await SendAsync("everybody, everybody, everybody, everybody", 0, Plain);
        var compressed = pair.Server.DeflateCounters.SentBefore;
        compressed.Should().Be(42);

        await SendAsync("and this is one more secret", Plain, 0);
        pair.Server.DeflateCounters.SentBefore.Should().Be(compressed);

        // Of a message in fragments the first one decides; one that is whole is its own first.
        async Task SendAsync(string text, WebSocketMessageFlags first, WebSocketMessageFlags next)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (inFragments)
            {
                await sender.SendAsync(bytes.AsMemory(0, 10), WebSocketMessageType.Text, first, CancellationToken.None);
                await sender.SendAsync(bytes.AsMemory(10), WebSocketMessageType.Text, next | End, CancellationToken.None);
            }
            else
            {
                await sender.SendAsync(bytes, WebSocketMessageType.Text, first | End, CancellationToken.None);
            }

            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be(text);
        }
    }

    [Test]
    public async Task A_broadcast_is_compressed_once_for_those_without_takeover_and_dropping_breaks_nothing_with_it([Values] bool takeover, [Values] bool dropOldest)
    {
        await using var pair = Pair(takeover, 15);
        for (var i = 0; i < 300; i++)
        {
            var message = PreparedMessage.FromText(Text(1, i));
            pair.Server.TrySend(message, dropOldest, out _).Should().Be(TrySendResult.Accepted);
            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be(Text(1, i));
            await pair.Server.SendAsync(Text(2, i));
            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be(Text(2, i));
        }

        var counters = pair.Server.DeflateCounters;
        counters.SentAfter.Should().BeLessThan(takeover && !dropOldest ? counters.SentBefore / 2 : counters.SentBefore);
    }

    [Test]
    public async Task Dropped_messages_are_missed_by_nobody_who_comes_after_them()
    {
        await using var pair = Pair(takeover: true, 15, maxOutgoing: 64 * 1024);
        var sent = 0;
        var dropped = 0;
        for (; sent < 3000; sent++)
        {
            var filler = new string((char)('a' + (sent % 26)), 50);
            pair.Server.TrySend(PreparedMessage.FromText($"{Text(3, sent)}{filler}{Convert.ToHexString(Bytes("random", 100, sent))}"), dropOldest: true, out var now)
                .Should().Be(TrySendResult.Accepted);
            dropped += now;
        }

        dropped.Should().BePositive("nobody reads");
        var last = -1;
        for (var received = 0; received < sent - dropped; received++)
        {
            var text = (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text;
            var number = int.Parse(text.AsSpan(text.IndexOf('#') + 1, 5));
            number.Should().BeGreaterThan(last);
            last = number;
        }

        last.Should().Be(sent - 1);
        await pair.Server.SendAsync("and on");
        (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be("and on");
    }

    [Test]
    public async Task A_message_that_does_not_compress_can_be_dropped_like_any_other()
    {
        await using var pair = Pair(takeover: true, 15, maxOutgoing: 64 * 1024);
        var dropped = 0;
        for (var sent = 0; sent < 200; sent++)
        {
            pair.Server.TrySend(PreparedMessage.FromBinary(Bytes("random", 1000, sent)), dropOldest: true, out var now)
                .Should().Be(TrySendResult.Accepted);
            dropped += now;
        }

        dropped.Should().BePositive("nobody reads");
    }

    [Test]
    public async Task A_message_from_a_stream_and_others_beside_it_arrive([Values] bool takeover)
    {
        await using var pair = Pair(takeover, 15);
        var content = Bytes("chat", 200_000, seed: 5);
        for (var round = 0; round < 3; round++)
        {
            var source = new PausingStream(content);
            var streaming = pair.Server.SendAsync(source, WebSocketMessageType.Binary).AsTask();
            var receiving = pair.Client.ReceiveAsync().AsTask();
            Peer.Until(() => pair.Server.OutgoingBytes == 0);
            pair.Server.TrySend(PreparedMessage.FromText(Text(1, round)), dropOldest: false, out _).Should().Be(TrySendResult.Accepted);
            pair.Server.TrySend(Bytes("chat", 100_000, seed: 6), WebSocketMessageType.Binary).Should().BeTrue();
            source.Go();

            (await Peer.Within(receiving)).Payload.ToArray().Should().Equal(content);
            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be(Text(1, round));
            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Payload.ToArray().Should().Equal(Bytes("chat", 100_000, seed: 6));
            await Peer.Within(streaming);
            await pair.Server.SendAsync(Text(2, round));
            (await Peer.Within(pair.Client.ReceiveAsync().AsTask())).Text.Should().Be(Text(2, round));
        }
    }

    [Test]
    public async Task A_stream_of_any_length_is_received_as_one([Values] bool takeover)
    {
        await using var pair = Pair(takeover, 12);
        var content = Bytes("chat", 3_000_000, seed: 7);
        var sending = pair.Client.SendAsync(new MemoryStream(content), WebSocketMessageType.Binary).AsTask();

        await using var stream = await Peer.Within(pair.Server.ReceiveStreamAsync().AsTask());
        var received = new MemoryStream();
        await Peer.Within(stream.CopyToAsync(received));

        received.ToArray().Should().Equal(content);
        await Peer.Within(sending);
        pair.Client.DeflateCounters.SentAfter.Should().BeLessThan(content.Length / 2);
    }

    [Test]
    public async Task A_bomb_is_refused_with_1009_at_the_limit_and_takes_little_more_memory_than_that([Values] bool takeover)
    {
        const int Limit = 1024 * 1024;
        const int KiB = 1024;
        await using var peer = new Peer(
            options: new() { MaxMessageSize = Limit, BufferPool = _pool, KeepAliveInterval = Timeout.InfiniteTimeSpan },
            deflate: new(15, takeover, 15, takeover));
        using var deflater = new MessageDeflater(15, contextTakeover: false, CompressionLevel.SmallestSize, System.Buffers.ArrayPool<byte>.Shared);
        var bomb = new System.Buffers.ArrayBufferWriter<byte>();
        var zeros = new byte[64 * KiB * KiB];
        for (var i = 0; i < 16; i++)
        {
            deflater.Deflate(zeros, endOfMessage: i == 15, bomb);
        }

        bomb.WrittenCount.Should().BeLessThan(1600 * KiB, "it is 1 GiB");
        var frame = FrameBytes.To(EndpointRole.Server, Opcode.Binary, bomb.WrittenSpan);
        frame[0] |= 0x40;
        await peer.WriteAsync(frame);

        await peer.Connection.Awaiting(server => Peer.Within(server.ReceiveAsync().AsTask())).Should().ThrowAsync<ConnectionClosedException>();

        peer.Connection.Closure!.Status.Should().Be(WebSocketCloseStatus.MessageTooBig);
        _pool.Most.Should().BeLessThan(Limit + (600 * KiB), "the limit, what it grew from, and the window");
        peer.EndInput();
    }

    [Test]
    public async Task What_is_no_deflate_is_refused_with_1007()
    {
        await using var peer = new Peer(deflate: new(15, false, 15, false));
        var frame = FrameBytes.To(EndpointRole.Server, Opcode.Text, [0x07, 0x01]);
        frame[0] |= 0x40;
        await peer.WriteAsync(frame);

        await peer.Connection.Awaiting(server => Peer.Within(server.ReceiveAsync().AsTask())).Should().ThrowAsync<ConnectionClosedException>();

        peer.Connection.Closure!.Status.Should().Be(WebSocketCloseStatus.InvalidPayloadData);
        peer.EndInput();
    }

    [Test]
    public async Task Short_messages_go_out_as_they_are()
    {
        await using var pair = WebSocketConnection.CreatePair(new() { Deflate = new() { MinMessageSize = 100 } });
        await pair.Server.SendAsync(new string('a', 99));
        pair.Server.DeflateCounters.SentBefore.Should().Be(0);
        await pair.Server.SendAsync(new string('a', 100));
        pair.Server.DeflateCounters.SentBefore.Should().Be(100);
        pair.Server.DeflateCounters.SentAfter.Should().BeLessThan(10);
    }

    [Test]
    public async Task Idle_connections_hold_nothing_without_takeover_and_what_is_told_with_it()
    {
        foreach (var takeover in (bool[])[false, true])
        {
            var options = new DeflateOptions
            {
                ServerContextTakeover = takeover,
                ClientContextTakeover = takeover,
                ServerMaxWindowBits = 11,
                ClientMaxWindowBits = 10,
                MinMessageSize = 0,
            };
            await using (var pair = WebSocketConnection.CreatePair(new() { Deflate = options, BufferPool = _pool }))
            {
                for (var i = 0; i < 10; i++)
                {
                    await pair.Server.SendAsync(Text(1, i));
                    await pair.Client.ReceiveAsync();
                    await pair.Client.SendAsync(Text(2, i));
                    await pair.Server.ReceiveAsync();
                }

                var (atServer, atClient) = (pair.Server.ReceiveAsync().AsTask(), pair.Client.ReceiveAsync().AsTask());
                _pool.BytesOut.Should().Be(options.MemoryPerConnection(EndpointRole.Server) + options.MemoryPerConnection(EndpointRole.Client));
                pair.Client.StartClose(WebSocketCloseStatus.NormalClosure);
                await atServer.ContinueWith(static _ => { }, TaskScheduler.Default);
                await atClient.ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            _pool.Out.Should().Be(0);
        }
    }

    [TestCase(1024 * 1024, true, 15, true, 15)]
    [TestCase(128 * 1024, true, 14, true, 15)]
    [TestCase(16 * 1024, true, 11, true, 13)]
    [TestCase(1279, false, 15, true, 10)]
    [TestCase(0, false, 15, false, 15)]
    public void Windows_and_then_takeover_are_given_up_until_all_fits(int bytes, bool serverTakeover, int serverBits, bool clientTakeover, int clientBits)
    {
        var fitted = new DeflateOptions { ServerContextTakeover = true, ClientContextTakeover = true, MaxMemoryPerConnection = bytes }.Fitted(EndpointRole.Server);

        (fitted.ServerContextTakeover, fitted.ServerMaxWindowBits, fitted.ClientContextTakeover, fitted.ClientMaxWindowBits)
            .Should().Be((serverTakeover, serverBits, clientTakeover, clientBits));
        fitted.MemoryPerConnection(EndpointRole.Server).Should().BeLessThanOrEqualTo(bytes);
    }

    private static async Task AssertArrivesAsync(WebSocketConnection from, WebSocketConnection to)
    {
        foreach (var kind in (string[])["chat", "zeros", "random"])
        {
            foreach (var length in (int[])[0, 1, 10, 125, 5000, 40_000, 70_000, 500_000])
            {
                var message = Bytes(kind, length, seed: length);
                var sending = from.SendAsync(message, WebSocketMessageType.Binary).AsTask();
                (await Peer.Within(to.ReceiveAsync().AsTask())).Payload.Span.SequenceEqual(message).Should().BeTrue($"{length} bytes of {kind}");
                await Peer.Within(sending);
            }
        }

        for (var i = 0; i < 100; i++)
        {
            await from.SendAsync(Text(1, i));
            (await Peer.Within(to.ReceiveAsync().AsTask())).Text.Should().Be(Text(1, i));
        }
    }

    private WebSocketPair Pair(
        bool takeover, int bits, CompressionLevel level = CompressionLevel.Optimal, int maxMessage = 8 * 1024 * 1024, int maxOutgoing = 1024 * 1024) =>
        WebSocketConnection.CreatePair(new()
        {
            MaxMessageSize = maxMessage,
            MaxOutgoingBytes = maxOutgoing,
            BufferPool = _pool,
            Deflate = new()
            {
                ServerContextTakeover = takeover,
                ClientContextTakeover = takeover,
                ServerMaxWindowBits = bits,
                ClientMaxWindowBits = bits,
                Level = level,
                MinMessageSize = 0,
            },
        });

    private static string Text(int sender, int number) => $$"""{"from":{{sender}},"text":"你好 from number #{{number:D5}} of a chat that goes on and on"}""";

    private static byte[] Bytes(string kind, int length, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        if (kind == "random")
        {
            random.NextBytes(bytes);
        }
        else if (kind == "chat")
        {
            var words = Encoding.UTF8.GetBytes(Text(seed, seed));
            for (var i = 0; i < length; i++)
            {
                bytes[i] = random.Next(20) == 0 ? (byte)random.Next(32, 127) : words[i % words.Length];
            }
        }

        return bytes;
    }
}
