using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>What one thread sends between two points: one write for each connection, by whom it belongs to.</summary>
public sealed class Corking
{
    [Test]
    public void What_is_sent_inside_is_one_write_for_each_connection_at_the_end()
    {
        var (first, second) = (new RecordingTransport(), new RecordingTransport());
        var (one, other) = (Connect(first), Connect(second));

        using (WebSocketConnection.Cork())
        {
            Send(one, "a");
            Send(other, "b");
            Send(one, "c");
            first.Writes.Should().BeEmpty();
        }

        first.Writes.Should().ContainSingle().Which.Bytes.Should().Equal([0x81, 1, (byte)'a', 0x81, 1, (byte)'c']);
        second.Writes.Should().ContainSingle().Which.Bytes.Should().Equal([0x81, 1, (byte)'b']);
        Send(one, "d");
        first.Writes.Should().HaveCount(2, "nothing is gathered any more");
    }

    [Test]
    public void Inside_another_scope_it_is_the_outer_ones_end_that_counts_and_each_end_counts_once()
    {
        var transport = new RecordingTransport();
        var connection = Connect(transport);

        using (WebSocketConnection.Cork())
        {
            var inner = WebSocketConnection.Cork();
            Send(connection, "a");
            inner.Dispose();
            inner.Dispose();
            transport.Writes.Should().BeEmpty();
        }

        transport.Writes.Should().ContainSingle();
    }

    [Test]
    public async Task Answers_to_messages_that_came_together_are_one_write_though_they_are_long()
    {
        var transport = new RecordingTransport();
        var connection = Connect(transport);
        var handler = EchoAsync();
        var payloads = Enumerable.Range(1, 4).Select(number => Enumerable.Repeat((byte)number, 12_000).ToArray()).ToArray();

        await transport.Peer.WriteAsync(payloads.SelectMany(payload => FrameBytes.To(EndpointRole.Server, Opcode.Binary, payload)).ToArray());
        await transport.Peer.CompleteAsync();
        await Peer.Within(handler);

        // The fourth is sent from where it lies, and takes the others along; behind it there is nothing any more but the close frame.
        transport.Writes[0].Bytes.Should().Equal(payloads.SelectMany(payload => FrameBytes.To(EndpointRole.Client, Opcode.Binary, payload)));

        async Task EchoAsync()
        {
            await foreach (var message in connection.ReadAllAsync().ConfigureAwait(false))
            {
                await connection.SendAsync(message).ConfigureAwait(false);
            }
        }
    }

    [Test]
    public async Task A_send_that_finds_no_room_writes_what_is_gathered_instead_of_waiting_for_it()
    {
        var transport = new RecordingTransport();
        var connection = new WebSocketConnection(
            transport, EndpointRole.Server, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, MaxOutgoingBytes = 1024 });

        ValueTask send;
        using (WebSocketConnection.Cork())
        {
            connection.TrySend(PreparedMessage.FromBinary(new byte[400])).Should().BeTrue();
            send = connection.SendAsync(new byte[900], System.Net.WebSockets.WebSocketMessageType.Binary);
            transport.Writes.Should().NotBeEmpty();
        }

        await Peer.Within(send);
        transport.Writes.Sum(write => write.Bytes.Length).Should().Be(404 + 904);
    }

    [Test]
    public void Of_many_connections_each_ones_loop_writes_its_own()
    {
        using var loop = new Loop("theirs");
        RecordingTransport[] theirs = [.. Enumerable.Range(0, 100).Select(_ => new RecordingTransport(loop))];
        RecordingTransport[] nobodys = [.. Enumerable.Range(0, 100).Select(_ => new RecordingTransport())];
        WebSocketConnection[] all = [.. theirs.Concat(nobodys).Select(Connect)];

        using (WebSocketConnection.Cork())
        {
            Array.ForEach(all, one => Send(one, "to all"));
        }

        nobodys.Should().OnlyContain(transport => transport.Writes.Count == 1);
        Peer.Until(() => theirs.All(transport => transport.Writes.Count == 1));
        theirs.Should().OnlyContain(transport => transport.Writes[0].Thread == "theirs");
        loop.Wakes.Should().Be(1);
    }

    [Test]
    public void A_loop_that_takes_nothing_keeps_nobody_waiting()
    {
        using var loop = new Loop("busy") { TakesNothing = true };
        RecordingTransport[] transports = [.. Enumerable.Range(0, 100).Select(_ => new RecordingTransport(loop))];
        WebSocketConnection[] all = [.. transports.Select(Connect)];

        using (WebSocketConnection.Cork())
        {
            Array.ForEach(all, one => Send(one, "to all"));
        }

        transports.Should().OnlyContain(transport => transport.Writes.Count == 1);
        loop.Wakes.Should().Be(0);
    }

    [Test]
    public void A_few_connections_are_not_worth_waking_a_loop()
    {
        using var loop = new Loop("asleep");
        var transport = new RecordingTransport(loop);
        var connection = Connect(transport);

        using (WebSocketConnection.Cork())
        {
            Send(connection, "to one");
        }

        transport.Writes.Should().ContainSingle();
        loop.Wakes.Should().Be(0);
    }

    [Test]
    [Platform("Linux")]
    public async Task Over_real_loops_every_member_gets_everything_in_order_also_from_two_senders_at_once()
    {
        const int Members = 100;
        const int Messages = 50;
        var pool = new TrackingPool();
        var loops = new EpollLoopGroup(2, pool, NullLogger.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var peers = new List<Socket>();
        var connections = new List<WebSocketConnection>();
        for (var i = 0; i < Members; i++)
        {
            var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
            peers.Add(peer);
            await peer.ConnectAsync(listener.LocalEndpoint);
            connections.Add(new(loops.Add(await listener.AcceptSocketAsync()), EndpointRole.Server, Options()));
        }

        await Peer.Within(Task.WhenAll(Enumerable.Range(0, 2).Select(sender => Task.Run(() => SendToAll((byte)sender)))));

        foreach (var peer in peers)
        {
            var received = new byte[2 * Messages * 4];
            for (var filled = 0; filled < received.Length;)
            {
                filled += await Peer.Within(peer.ReceiveAsync(received.AsMemory(filled)).AsTask());
            }

            var messages = received.Chunk(4).ToArray();
            messages.Should().OnlyContain(message => message[0] == 0x82 && message[1] == 2);
            for (var sender = 0; sender < 2; sender++)
            {
                messages.Where(message => message[2] == sender).Select(message => message[3]).Should().Equal(Enumerable.Range(0, Messages).Select(i => (byte)i));
            }
        }

        foreach (var (peer, connection) in peers.Zip(connections))
        {
            peer.Dispose();
            connection.Abort();
            await Peer.Within(connection.DisposeAsync());
        }

        await Peer.Within(loops.DisposeAsync());
        pool.Faults.Should().BeEmpty();
        pool.Out.Should().Be(0);

        void SendToAll(byte sender)
        {
            for (byte number = 0; number < Messages; number++)
            {
                using var cork = WebSocketConnection.Cork();
                var message = PreparedMessage.FromBinary([sender, number]);
                connections.ForEach(connection => connection.TrySend(message).Should().BeTrue());
            }
        }
    }

    private static WebSocketConnectionOptions Options() => new() { KeepAliveInterval = Timeout.InfiniteTimeSpan };

    private static WebSocketConnection Connect(Transport transport) => new(transport, EndpointRole.Server, Options());

    private static void Send(WebSocketConnection connection, string text) => connection.TrySend(PreparedMessage.FromText(text)).Should().BeTrue();

    /// <summary>A thread that runs what it was posted once it is woken.</summary>
    private sealed class Loop : ITransportLoop, IDisposable
    {
        private readonly Queue<IThreadPoolWorkItem> _posted = new();
        private readonly SemaphoreSlim _woken = new(0);
        private readonly Thread _thread;
        private bool _stopping;

        public Loop(string name)
        {
            _thread = new(Run) { Name = name, IsBackground = true };
            _thread.Start();
        }

        public bool IsCurrent => Thread.CurrentThread == _thread;

        public bool TakesNothing { get; init; }

        public int Wakes { get; private set; }

        public bool TryPost(IThreadPoolWorkItem work)
        {
            if (TakesNothing)
            {
                return false;
            }

            lock (_posted)
            {
                _posted.Enqueue(work);
            }

            return true;
        }

        public void Wake()
        {
            Wakes++;
            _woken.Release();
        }

        public void Dispose()
        {
            Volatile.Write(ref _stopping, true);
            _woken.Release();
            _thread.Join();
            _woken.Dispose();
        }

        private void Run()
        {
            while (!Volatile.Read(ref _stopping))
            {
                _woken.Wait();
                lock (_posted)
                {
                    while (_posted.TryDequeue(out var work))
                    {
                        work.Execute();
                    }
                }
            }
        }
    }
}
