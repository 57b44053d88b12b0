using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

public sealed class Receiving_5
{
    [Test]
    public async Task A_cancelled_receive_leaves_the_connection_usable_in_the_middle_of_a_message()
    {
        await using var peer = new Peer();
        var frame = FrameBytes.To(EndpointRole.Server, Opcode.Text, "first half, second half"u8);
        for (var cut = 1; cut < frame.Length; cut++)
        {
            using var cancellation = new CancellationTokenSource();
            var given = peer.Connection.ReceiveAsync(cancellation.Token).AsTask();
            await peer.WriteAsync(frame.AsMemory(0, cut));
            await cancellation.CancelAsync();
            await FluentActions.Awaiting(() => Peer.Within(given)).Should().ThrowAsync<OperationCanceledException>();
            await peer.WriteAsync(frame.AsMemory(cut));
            (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("first half, second half");
        }
    }

    [Test]
    public async Task Cancelling_the_loop_over_all_messages_leaves_the_connection_usable_in_the_middle_of_a_message()
    {
        await using var peer = new Peer();
        var frame = FrameBytes.To(EndpointRole.Server, Opcode.Text, "first half, second half"u8);
        for (var cut = 0; cut < frame.Length; cut++)
        {
            using var cancellation = new CancellationTokenSource();
            var seen = 0;
            var looping = Task.Run(async () =>
            {
                await foreach (var message in peer.Connection.ReadAllAsync(cancellation.Token))
                {
                    seen++;
                }
            });
            await peer.SendAsync(Opcode.Text, "whole"u8.ToArray());
            Peer.Until(() => Volatile.Read(ref seen) == 1);
            await peer.WriteAsync(frame.AsMemory(0, cut));
            await cancellation.CancelAsync();
            await FluentActions.Awaiting(() => Peer.Within(looping)).Should().ThrowAsync<OperationCanceledException>();
            await peer.WriteAsync(frame.AsMemory(cut));
            (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("first half, second half");
        }

        await peer.SendAsync(Opcode.Text, "in a new loop"u8.ToArray());
        await peer.SendCloseAsync(1000);
        var texts = new List<string>();
        await foreach (var message in peer.Connection.ReadAllAsync())
        {
            texts.Add(message.Text);
        }

        texts.Should().Equal("in a new loop");
    }

    // As with a server's stop: one token for many connections, which do not register with it.
    [Test]
    public async Task A_receive_with_the_owners_token_ends_when_the_owner_tells_that_it_is_cancelled([Values] bool inALoop)
    {
        using var owner = new CancellationTokenSource();
        await using var peer = new Peer(stopping: owner.Token);
        var given = inALoop ? LoopAsync() : peer.Connection.ReceiveAsync(owner.Token).AsTask();

        // Told too early, it looks, and waits on.
        peer.Connection.OnStopping();
        await owner.CancelAsync();
        peer.Connection.OnStopping();

        await FluentActions.Awaiting(() => Peer.Within(given)).Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync(owner.Token))).Should().ThrowAsync<OperationCanceledException>();
        await peer.SendAsync(Opcode.Text, "still there"u8.ToArray());
        (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("still there");

        async Task LoopAsync()
        {
            await foreach (var _ in peer.Connection.ReadAllAsync(owner.Token))
            {
            }
        }
    }

    [Test]
    public async Task Another_token_ends_a_receive_as_ever_where_there_is_an_owners([Values] bool inALoop)
    {
        using var owner = new CancellationTokenSource();
        using var another = CancellationTokenSource.CreateLinkedTokenSource(owner.Token);
        await using var peer = new Peer(stopping: owner.Token);
        var given = inALoop ? LoopAsync() : peer.Connection.ReceiveAsync(another.Token).AsTask();

        await owner.CancelAsync();

        await FluentActions.Awaiting(() => Peer.Within(given)).Should().ThrowAsync<OperationCanceledException>();

        async Task LoopAsync()
        {
            await foreach (var _ in peer.Connection.ReadAllAsync(another.Token))
            {
            }
        }
    }

    [Test]
    public async Task Cancelling_races_with_arriving_and_no_message_is_lost_or_doubled()
    {
        const int Messages = 3000;
        var (server, client) = await ConnectAsync();
        await using var connection = new WebSocketConnection(server, EndpointRole.Server, new());
        using var socket = client;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                var frame = FrameBytes.To(EndpointRole.Server, Opcode.Binary, BitConverter.GetBytes(i));
                await client.SendAsync(frame.AsMemory(0, 3), SocketFlags.None);
                await client.SendAsync(frame.AsMemory(3), SocketFlags.None);
            }
        });
        var cancelled = 0;
        for (var i = 0; i < Messages;)
        {
            using var cancellation = new CancellationTokenSource();
            var receiving = connection.ReceiveAsync(cancellation.Token);
            var cancelling = Task.Run(cancellation.Cancel);
            try
            {
                BitConverter.ToInt32((await Peer.Within(receiving)).Span).Should().Be(i);
                i++;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }

            await cancelling;
        }

        await Peer.Within(writing);
        TestContext.Out.WriteLine($"{cancelled} receives were cancelled before their message came");
        await socket.SendAsync(FrameBytes.CloseTo(EndpointRole.Server, 1000), SocketFlags.None);
        socket.Shutdown(SocketShutdown.Send);
    }

    [Test]
    public async Task Two_receives_at_once_are_a_programmers_error()
    {
        await using var peer = new Peer();
        var first = peer.Connection.ReceiveAsync().AsTask();
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync())).Should().ThrowAsync<InvalidOperationException>();
        await peer.SendAsync(Opcode.Text, "still fine"u8.ToArray());
        (await first).Text.Should().Be("still fine");
    }

    [Test]
    public async Task A_message_beyond_the_limit_is_received_as_a_stream_in_little_memory()
    {
        const int Fragments = 4000;
        var pool = new TrackingPool();
        await using (var peer = new Peer(EndpointRole.Server, new() { MaxMessageSize = 1000, BufferPool = pool }))
        {
            var writing = Task.Run(async () =>
            {
                for (var i = 0; i < Fragments; i++)
                {
                    await peer.SendAsync(i == 0 ? Opcode.Binary : Opcode.Continuation, new byte[16 * 1024], final: i == Fragments - 1);
                }

                await peer.SendAsync(Opcode.Text, "next"u8.ToArray());
            });
            var stream = await Peer.Within(peer.Connection.ReceiveStreamAsync());
            stream.MessageType.Should().Be(WebSocketMessageType.Binary);
            await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync())).Should().ThrowAsync<InvalidOperationException>();
            var buffer = new byte[50_000];
            long total = 0;
            int read;
            while ((read = await Peer.Within(stream.ReadAsync(buffer))) > 0)
            {
                total += read;
                pool.Out.Should().BeLessThan(4);
            }

            total.Should().Be(Fragments * 16L * 1024);
            await stream.DisposeAsync();
            (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("next");
            await writing;
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task No_other_receive_begins_in_the_middle_of_a_stream()
    {
        await using var peer = new Peer();
        await peer.SendAsync(Opcode.Text, "first, "u8.ToArray(), final: false);
        var stream = await Peer.Within(peer.Connection.ReceiveStreamAsync());
        await peer.SendAsync(Opcode.Continuation, "second"u8.ToArray());

        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveStreamAsync())).Should().ThrowAsync<InvalidOperationException>();
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync())).Should().ThrowAsync<InvalidOperationException>();

        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).Should().Be("first, second");
    }

    [Test]
    public async Task After_a_streams_synchronous_Dispose_the_next_receive_skips_the_rest_itself([Values] bool asStream)
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxMessageSize = 100 });
        await peer.SendAsync(Opcode.Text, "skipped, "u8.ToArray(), final: false);
        var stream = await Peer.Within(peer.Connection.ReceiveStreamAsync());
#pragma warning disable CA1849 // It is the synchronous form that is tested.
        stream.Dispose();
        stream.Dispose();
#pragma warning restore CA1849
        await FluentActions.Awaiting(() => Peer.Within(stream.ReadAsync(new byte[10]))).Should().ThrowAsync<ObjectDisposedException>();

        // A receive that is cancelled on the way goes on skipping with the next.
        using var cancellation = new CancellationTokenSource();
        var given = peer.Connection.ReceiveAsync(cancellation.Token).AsTask();
        await peer.SendAsync(Opcode.Continuation, new byte[5000], final: false);
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(given)).Should().ThrowAsync<OperationCanceledException>();

        await peer.SendAsync(Opcode.Continuation, "too"u8.ToArray());
        await peer.SendAsync(Opcode.Text, "next"u8.ToArray());
        if (asStream)
        {
            using var reader = new StreamReader(await Peer.Within(peer.Connection.ReceiveStreamAsync()));
            (await reader.ReadToEndAsync()).Should().Be("next");
        }
        else
        {
            (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("next");
        }

        await peer.SendAsync(Opcode.Text, "last"u8.ToArray());
        (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("last");
    }

    [Test]
    public async Task A_stream_disposed_while_its_read_is_pending_ends_that_read_and_is_skipped([Values] bool isCancelled)
    {
        using var cancellation = new CancellationTokenSource();
        await using var peer = new Peer();
        await peer.SendAsync(Opcode.Binary, new byte[10], final: false);
        var stream = await Peer.Within(peer.Connection.ReceiveStreamAsync());
        (await Peer.Within(stream.ReadAsync(new byte[10]))).Should().Be(10);
        var reading = stream.ReadAsync(new byte[10], cancellation.Token).AsTask();
        stream.Close();
        if (isCancelled)
        {
            await cancellation.CancelAsync();
            await FluentActions.Awaiting(() => Peer.Within(reading)).Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            await peer.SendAsync(Opcode.Continuation, new byte[10], final: false);
            await FluentActions.Awaiting(() => Peer.Within(reading)).Should().ThrowAsync<ObjectDisposedException>();
        }

        await peer.SendAsync(Opcode.Continuation, new byte[10]);
        await peer.SendAsync(Opcode.Text, "next"u8.ToArray());
        (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("next");
    }

    [Test]
    public async Task A_message_of_64_MiB_arrives_whole_over_a_socket_in_any_fragmentation([Values(1 << 10, 1 << 16, 64 << 20)] int fragment)
    {
        const int Length = 64 << 20;
        var pool = new TrackingPool();
        var (server, client) = await ConnectAsync();
        using var socket = client;
        await using (var connection = new WebSocketConnection(
            server, EndpointRole.Server, new() { MaxMessageSize = Length, BufferPool = pool }))
        {
            var payload = new byte[Length];
            new Random(1).NextBytes(payload);
            var writing = Task.Run(async () =>
            {
                for (var at = 0; at < Length; at += fragment)
                {
                    var frame = FrameBytes.To(
                        EndpointRole.Server, at == 0 ? Opcode.Binary : Opcode.Continuation, payload.AsSpan(at, fragment), at + fragment == Length);
                    for (var rest = frame.AsMemory(); !rest.IsEmpty;)
                    {
                        rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
                    }
                }
            });
            var message = await connection.ReceiveAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            message.Span.SequenceEqual(payload).Should().BeTrue();
            await writing;
            socket.Shutdown(SocketShutdown.Send);
        }

        pool.Faults.Should().BeEmpty();
        pool.Out.Should().Be(0);
    }

    [Test]
    public async Task What_a_socket_cannot_take_at_once_is_sent_whole_later_once_and_in_order()
    {
        var (server, client) = await ConnectAsync();
        using var socket = client;
        await using var connection = new WebSocketConnection(server, EndpointRole.Server, new() { MaxOutgoingBytes = 1 << 30 });
        var random = new Random(2);
        var sent = new List<byte[]>();
        for (var i = 0; i < 300; i++)
        {
            // Nobody reads yet: the socket's buffer fills, and partial writes and gathered ones follow.
            var payload = new byte[random.Next(1, 60_000)];
            random.NextBytes(payload);
            sent.Add(payload);
            connection.TrySend(PreparedMessage.FromBinary(payload)).Should().BeTrue();
        }

        await using var stream = new BufferedStream(new NetworkStream(socket), 1 << 16);
        foreach (var payload in sent)
        {
            var header = new byte[payload.Length < 126 ? 2 : payload.Length < 65536 ? 4 : 10];
            await stream.ReadExactlyAsync(header);
            var received = new byte[payload.Length];
            await stream.ReadExactlyAsync(received);
            received.AsSpan().SequenceEqual(payload).Should().BeTrue();
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<(SocketTransport Server, Socket Client)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndpoint);
        return (new(await listener.AcceptSocketAsync(), System.Buffers.ArrayPool<byte>.Shared), client);
    }
}
