using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.InteropServices;

using RawSocketChat.Framing;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Broadcasting : ServerFixture
{
    [Test]
    public async Task Everybody_gets_the_message()
    {
        var server = await StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await OpenAsync(server));
        }

        server.Broadcast("to all").Should().Be(new BroadcastResult(20, 0, 0));

        foreach (var client in clients)
        {
            (await client.ReadTextAsync()).Should().Be("to all");
        }
    }

    [Test]
    public async Task Everybody_but_one_gets_the_message()
    {
        var server = Own(new WebSocketServer(new()));
        await server.StartAsync(async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                server.Broadcast(message, except: connection);
                await connection.SendAsync("sent", stopping);
            }
        });
        var sender = await OpenAsync(server);
        var other = await OpenAsync(server);

        await sender.SendTextAsync("hello");

        (await other.ReadTextAsync()).Should().Be("hello");
        (await sender.ReadTextAsync()).Should().Be("sent");
    }

    [Test]
    public async Task With_nobody_there_nothing_happens()
    {
        var server = await StartAsync();

        server.Broadcast("hello?").Should().Be(default(BroadcastResult));
    }

    [Test]
    public async Task Broadcasting_before_the_start_and_after_the_stop_reaches_nobody()
    {
        var server = new WebSocketServer(new(), EchoAsync);
        server.Broadcast("early").Should().Be(default(BroadcastResult));
        await server.StartAsync();
        await server.DisposeAsync();

        server.Broadcast("late").Should().Be(default(BroadcastResult));
    }

    [Test]
    public async Task A_binary_message_stays_binary()
    {
        var server = await StartAsync();
        var client = await OpenAsync(server);

        server.Broadcast(new WebSocketMessage(WebSocketMessageType.Binary, new byte[] { 1, 2, 3 }));

        var frame = await client.ReadFrameAsync();
        frame.Opcode.Should().Be(Opcode.Binary);
        frame.Payload.Should().Equal(1, 2, 3);
    }

    [Test]
    public async Task The_order_of_broadcasts_is_everybodys_order()
    {
        var server = await StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 5; i++)
        {
            clients.Add(await OpenAsync(server));
        }

        for (var i = 0; i < 1000; i++)
        {
            server.Broadcast($"{i}").Accepted.Should().Be(5);
        }

        foreach (var client in clients)
        {
            for (var i = 0; i < 1000; i++)
            {
                (await client.ReadTextAsync()).Should().Be($"{i}");
            }
        }
    }

    [Test]
    public async Task A_message_is_encoded_once_and_every_member_writes_the_same_bytes()
    {
        await using var server = new WebSocketServer(new(), EchoAsync);
        var pipes = Enumerable.Range(0, 10).Select(_ => new WatchedTransport()).ToArray();
        foreach (var pipe in pipes)
        {
            server.Connections.Add(new(pipe, EndpointRole.Server, new()), out _);
        }

        var message = PreparedMessage.FromBinary(new byte[100_000]);
        MemoryMarshal.TryGetArray(message.Frame, out var frame).Should().BeTrue();

        server.Broadcast(message).Accepted.Should().Be(10);

        foreach (var pipe in pipes)
        {
            pipe.Written.Should().OnlyContain(array => ReferenceEquals(array, frame.Array), "the frame is shared, not copied");
        }

        foreach (var connection in server.Connections)
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    [Test]
    public async Task Broadcasts_from_many_threads_arrive_all()
    {
        const int Threads = 8;
        const int Each = 500;
        var server = await StartAsync();
        var client = await OpenAsync(server);
        var reading = Task.Run(async () =>
        {
            var next = new int[Threads];
            for (var i = 0; i < Threads * Each; i++)
            {
                var parts = (await client.ReadTextAsync()).Split(' ');
                parts[1].Should().Be($"{next[int.Parse(parts[0], null)]++}", "each thread's order is kept");
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                server.Broadcast($"{thread} {i}");
            }
        })));

        await reading.Soon();
    }

    // Notes the arrays that are written; nothing ever arrives.
    private sealed class WatchedTransport : Transport
    {
        private readonly Pipe _pipe = new();

        public List<byte[]> Written { get; } = [];

        public override PipeReader Input => _pipe.Reader;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
        {
            foreach (var segment in bytes)
            {
                MemoryMarshal.TryGetArray(segment, out var array);
                Written.Add(array.Array!);
            }

            return default;
        }

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _pipe.Writer.Complete();

        public override ValueTask DisposeAsync() => default;
    }
}
