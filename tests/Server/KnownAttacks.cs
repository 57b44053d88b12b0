using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

using RawSocketChat.Framing;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

/// <summary>What has broken others. One theme: memory within a small multiple of the bytes received, nothing held for what is only announced.</summary>
internal sealed class KnownAttacks : ServerFixture
{
    [Test]
    public async Task A_header_that_announces_1_GiB_on_1000_connections_costs_no_memory()
    {
        const int Connections = 1000;
        var pool = new TrackingPool();
        var server = await StartAsync(new WebSocketServerOptions { BufferPool = pool, MaxMessageSize = 1 << 30 });
        var clients = new List<RawClient>();
        for (var i = 0; i < Connections; i++)
        {
            clients.Add(await OpenAsync(server));
        }

        // A live message first, so that what each connection costs anyway is there already.
        await Parallel.ForEachAsync(clients, async (client, _) => await ShouldEchoAsync(client));
        var before = Environment.WorkingSet;
        var header = new byte[14];
        (header[0], header[1]) = (0x82, 0xFF);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(2), 1 << 30);
        await Parallel.ForEachAsync(clients, async (client, _) =>
        {
            await client.SendAsync(header);
            await client.SendAsync([1]);
        });

        // What was sent before is handled before a connection that comes later is closed: by then the headers are read.
        for (var i = 0; i < 20; i++)
        {
            await ShouldEchoAsync(await OpenAsync(server));
        }

        // At most one small receive buffer for each.
        pool.BytesOutstanding.Should().BeLessThan(Connections * 64L * 1024);
        (Environment.WorkingSet - before).Should().BeLessThan(200L * 1024 * 1024);
    }

    [Test]
    public async Task By_default_such_a_header_is_refused_at_once()
    {
        var server = await StartAsync();
        var client = await OpenAsync(server);
        var header = new byte[14];
        (header[0], header[1]) = (0x82, 0xFF);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(2), 1 << 30);

        await client.SendAsync(header);

        (await client.ReadUntilCloseAsync()).Should().Be(1009);
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1UL << 63)]
    [TestCase((1UL << 63) - 1)]
    [TestCase(1UL << 32)]
    [TestCase(0UL)]
    public async Task A_length_that_overflows_or_is_not_minimal_ends_one_connection_only(ulong length)
    {
        var server = await StartAsync();
        var other = await OpenAsync(server);
        var client = await OpenAsync(server);
        var header = new byte[14];
        (header[0], header[1]) = (0x82, 0xFF);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), length);

        await client.SendAsync(header);

        (await client.ReadUntilCloseAsync()).Should().BeOneOf(1002, 1009);
        await ShouldEchoAsync(other);
    }

    [Test]
    public async Task A_ping_flood_from_a_peer_that_never_reads_is_bounded()
    {
        var pool = new TrackingPool();
        WebSocketConnection? flooded = null;
        var server = await StartAsync(
            new WebSocketServerOptions { BufferPool = pool },
            async (connection, stopping) =>
            {
                flooded = connection;
                await EchoAsync(connection, stopping);
            });
        var client = await OpenAsync(server, receiveBuffer: 4096);
        var ping = RawClient.Frame(Opcode.Ping, new byte[125]);
        var batch = Enumerable.Repeat(ping, 1000).SelectMany(bytes => bytes).ToArray();
        long most = 0;
        for (var i = 0; i < 300; i++)
        {
            await client.SendAsync(batch);
            most = Math.Max(most, flooded!.OutgoingBytes);
        }

        most.Should().BeLessThan(256 * 1024, "39 MB of pings were sent");
        pool.BytesOutstanding.Should().BeLessThan(2 * 1024 * 1024);
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task A_flood_of_tiny_fragments_is_bounded_by_count()
    {
        var pool = new TrackingPool();
        var server = await StartAsync(new WebSocketServerOptions { BufferPool = pool, MaxFragmentsPerMessage = 10_000 });
        var client = await OpenAsync(server);
        var empty = RawClient.Frame(Opcode.Continuation, [], isFinal: false);
        await client.SendAsync(RawClient.Frame(Opcode.Binary, [1], isFinal: false));
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await client.SendAsync(Enumerable.Repeat(empty, 1000).SelectMany(bytes => bytes).ToArray());
            }
            catch (IOException)
            {
                // The server has ended TCP.
            }
        }

        (await client.ReadUntilCloseAsync()).Should().Be(1008);
        pool.BytesOutstanding.Should().BeLessThan(256 * 1024);
    }

    [TestCase("masked server frame rule", new byte[] { 0x81, 0x01, 0x41 })]
    [TestCase("reserved bit", new byte[] { 0xC1, 0x80, 0, 0, 0, 0 })]
    [TestCase("reserved opcode", new byte[] { 0x83, 0x80, 0, 0, 0, 0 })]
    [TestCase("orphan continuation", new byte[] { 0x80, 0x80, 0, 0, 0, 0 })]
    [TestCase("fragmented ping", new byte[] { 0x09, 0x80, 0, 0, 0, 0 })]
    [TestCase("long ping", new byte[] { 0x89, 0xFE, 0, 126, 0, 0, 0, 0 })]
    public async Task A_bad_frame_ends_one_connection_with_1002_and_never_the_process(string what, byte[] bytes)
    {
        _ = what;
        var server = await StartAsync();
        var other = await OpenAsync(server);
        var client = await OpenAsync(server);

        await client.SendAsync(bytes);

        (await client.ReadUntilCloseAsync()).Should().Be(1002);
        await ShouldEchoAsync(other);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
    }

    [Test]
    public async Task Noise_instead_of_a_request_or_of_frames_never_ends_the_server()
    {
        var server = await StartAsync();
        var random = new Random(17);
        for (var i = 0; i < 200; i++)
        {
            var noise = new byte[random.Next(1, 3000)];
            random.NextBytes(noise);
            using var client = i % 2 == 0
                ? await RawClient.ConnectAsync(server.LocalEndPoint)
                : await RawClient.OpenAsync(server.LocalEndPoint);
            await client.SendAsync(noise);
            client.HalfClose();
            await client.ReadToEndAsync();
        }

        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task After_a_soak_of_300_connections_that_are_cut_anyhow_no_buffer_is_missing()
    {
        const int Connections = 300;
        var pool = new TrackingPool();
        var server = await StartAsync(new WebSocketServerOptions { BufferPool = pool, LoggerFactory = Logs, MaxOutgoingBytes = 64 * 1024 });
        var broadcast = PreparedMessage.FromText(new string('b', 3000));
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (i, _) =>
        {
            var random = new Random(i);
            using var client = await RawClient.OpenAsync(server.LocalEndPoint, receiveBuffer: i % 5 == 0 ? 4096 : null);
            var payload = new byte[random.Next(0, 60_000)];
            byte[] frames =
            [
                .. RawClient.Frame(Opcode.Ping, "p"u8),
                .. RawClient.Frame(Opcode.Binary, payload, isFinal: false),
                .. RawClient.Frame(Opcode.Continuation, payload),
                .. RawClient.Frame(Opcode.Binary, payload),
            ];
            try
            {
                await client.SendAsync(frames[..random.Next(1, frames.Length + 1)]);
                server.Broadcast(broadcast);
                switch (i % 5)
                {
                    case 0:
                        // Gone without having read anything.
                        break;
                    case 1:
                        client.Reset();
                        break;
                    case 2:
                        client.HalfClose();
                        await client.ReadToEndAsync();
                        break;
                    case 3:
                        await client.TryReadFrameAsync();
                        client.Reset();
                        break;
                    default:
                        await client.SendAsync(RawClient.CloseFrame(1000));
                        client.HalfClose();
                        await client.ReadToEndAsync();
                        break;
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                // A broadcast has found it too slow.
            }
        }).Soon();

        await server.StopAsync().Soon();

        Logs.Count(LogRecorder.LeftBehind).Should().Be(0);
        Logs.Count(LogRecorder.Closed).Should().Be(Connections);
        server.Connections.Count.Should().Be(0);
        pool.Rented.Should().BePositive();
        pool.Outstanding.Should().Be(0);
        pool.Strangers.Should().Be(0);
    }

    [Test]
    public async Task A_refused_handshake_keeps_no_buffer()
    {
        var pool = new TrackingPool();
        var server = await StartAsync(new WebSocketServerOptions { BufferPool = pool, LoggerFactory = Logs });
        foreach (var request in new[] { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n" })
        {
            (await AskAsync(server, request)).Status.Should().BeInRange(400, 505);
        }

        using (var client = await RawClient.ConnectAsync(server.LocalEndPoint))
        {
            await client.SendAsync(Encoding.ASCII.GetBytes("GET / HT"));
        }

        await server.StopAsync().Soon();

        pool.Outstanding.Should().Be(0);
        pool.Strangers.Should().Be(0);
    }
}
