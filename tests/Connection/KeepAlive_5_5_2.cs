using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using Microsoft.Extensions.Time.Testing;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

public sealed class KeepAlive_5_5_2
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task A_silent_peer_is_pinged_after_the_interval_and_ended_after_the_timeout()
    {
        await using var peer = NewPeer();
        var receiving = peer.Connection.ReceiveAsync();

        _time.Advance(Interval);
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
        _time.Advance(Patience - TimeSpan.FromSeconds(1));
        peer.Connection.Closure.Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(1));

        var ended = await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        ended.Which.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
        ended.Which.Closure.Initiator.Should().Be(CloseInitiator.Local);
    }

    [Test]
    public async Task Any_byte_is_life_and_silence_is_counted_from_it()
    {
        await using var peer = NewPeer();
        _ = peer.Connection.ReceiveAsync().AsTask();

        _time.Advance(Interval - TimeSpan.FromSeconds(1));
        await peer.WriteAsync(new byte[] { 0x82 });
        _time.Advance(Interval - TimeSpan.FromSeconds(1));
        peer.Connection.OutgoingBytes.Should().Be(0);
        await peer.Connection.SendAsync("marker");
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Text, "no ping went out before");

        _time.Advance(TimeSpan.FromSeconds(1));
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
    }

    [Test]
    public async Task A_peer_that_answers_is_pinged_once_an_interval()
    {
        await using var peer = NewPeer();
        _ = peer.Connection.ReceiveAsync().AsTask();

        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Interval);
            (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
            await peer.SendAsync(Opcode.Pong, default);
        }

        peer.Connection.Closure.Should().BeNull();
    }

    // As on a busy machine, where whoever pings does not get the processor back before the pong is there.
    [Test]
    public async Task An_answer_that_comes_before_the_ping_is_known_to_be_sent_counts()
    {
        var transport = new AnsweringTransport(_time);
        await using var connection = new WebSocketConnection(transport, EndpointRole.Server, NewOptions());
        var receiving = connection.ReceiveAsync().AsTask();

        _time.Advance(Interval);
        transport.Pings.Should().Be(1);
        _time.Advance(Patience);
        connection.Closure.Should().BeNull("the peer has answered");

        _time.Advance(Interval - Patience);
        transport.Pings.Should().Be(2);
        connection.Abort();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
    }

    [Test]
    public async Task A_busy_handler_is_not_taken_for_a_dead_peer()
    {
        await using var peer = NewPeer();
        await peer.SendAsync(Opcode.Text, "work"u8.ToArray());
        await Peer.Within(peer.Connection.ReceiveAsync());

        for (var i = 0; i < 20; i++)
        {
            _time.Advance(Interval);
        }

        peer.Connection.Closure.Should().BeNull("nobody listens: the answer may lie unread");
        await peer.SendAsync(Opcode.Text, "more"u8.ToArray());
        (await Peer.Within(peer.Connection.ReceiveAsync())).Text.Should().Be("more");
    }

    [Test]
    public async Task A_peer_that_takes_nothing_and_sends_nothing_is_ended_though_its_handler_waits_to_send()
    {
        await using var peer = NewPeer(outgoingCapacity: 1);
        var sending = SendUntilClosedAsync(peer.Connection);

        _time.Advance(Interval);
        _time.Advance(Patience - TimeSpan.FromSeconds(1));
        peer.Connection.Closure.Should().BeNull();
        _time.Advance(TimeSpan.FromSeconds(1));

        var ended = await FluentActions.Awaiting(() => Peer.Within(sending)).Should().ThrowAsync<ConnectionClosedException>();
        ended.Which.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
    }

    [Test]
    public async Task A_slow_reader_is_alive_as_long_as_it_takes_bytes_whether_somebody_receives_or_not([Values] bool receives)
    {
        await using var peer = NewPeer(outgoingCapacity: 1);
        _ = receives ? peer.Connection.ReceiveAsync().AsTask() : Task.CompletedTask;
        var sending = peer.Connection.SendAsync(new byte[1024 * 1024], WebSocketMessageType.Binary).AsTask();

        _time.Advance(Interval);
        for (var i = 0; i < 10; i++)
        {
            var before = peer.Transport.WriteProgress;
            await peer.TakeAsync(64 * 1024);
            Peer.Until(() => peer.Transport.WriteProgress > before);
            _time.Advance(Patience);
        }

        peer.Connection.Closure.Should().BeNull();
        sending.IsCompleted.Should().BeFalse();

        // Now it takes no more.
        _time.Advance(Patience);
        await FluentActions.Awaiting(() => Peer.Within(sending)).Should().ThrowAsync<ConnectionClosedException>();
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
    }

    [Test]
    public async Task A_peer_that_has_just_taken_what_stood_before_the_ping_gets_the_time_to_answer_it()
    {
        await using var peer = NewPeer(outgoingCapacity: 1);
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        await Peer.Within(peer.Connection.SendAsync("before the ping"));

        _time.Advance(Interval);
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Text);
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
        Peer.Until(() => peer.Connection.OutgoingBytes == 0);
        _time.Advance(Patience);
        peer.Connection.Closure.Should().BeNull();

        _time.Advance(Patience);
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
    }

    [Test]
    public async Task A_peer_whose_socket_is_full_and_never_read_is_ended_though_its_handler_waits_to_send()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(listener.LocalEndpoint);
        var transport = new SocketTransport(await listener.AcceptSocketAsync(), ArrayPool<byte>.Shared);
        await using var connection = new WebSocketConnection(transport, EndpointRole.Server, NewOptions());
        var sending = SendUntilClosedAsync(connection);

        // What the peer's system takes on its own, without anybody reading, comes to an end.
        _time.Advance(Interval);
        Peer.Until(() =>
        {
            _time.Advance(Patience);
            return connection.Closure is not null;
        });

        await FluentActions.Awaiting(() => Peer.Within(sending)).Should().ThrowAsync<ConnectionClosedException>();
        connection.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
    }

    [Test]
    public async Task A_sockets_progress_counts_what_the_peer_has_taken_of_a_write_that_is_pending()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(listener.LocalEndpoint);
        var transport = new SocketTransport(await listener.AcceptSocketAsync(), ArrayPool<byte>.Shared);
        await using var connection = new WebSocketConnection(transport, EndpointRole.Server, NewOptions());
        var sending = connection.SendAsync(new byte[64 << 20], WebSocketMessageType.Binary).AsTask();

        try
        {
            var buffer = new byte[1 << 20];
            for (var i = 0; i < 10; i++)
            {
                var before = transport.WriteProgress;
                for (var taken = 0; taken < buffer.Length;)
                {
                    var received = await Peer.Within(client.ReceiveAsync(buffer, SocketFlags.None));
                    received.Should().BePositive();
                    taken += received;
                }

                Peer.Until(() => transport.WriteProgress > before);
            }

            sending.IsCompleted.Should().BeFalse();
        }
        finally
        {
            // Whatever was found: the close timeout is of fake time, and the peer reads no more.
            connection.Abort();
        }

        await FluentActions.Awaiting(() => Peer.Within(sending)).Should().ThrowAsync<ConnectionClosedException>();
    }

    private static async Task SendUntilClosedAsync(WebSocketConnection connection)
    {
        while (true)
        {
            await connection.SendAsync(new byte[4096], WebSocketMessageType.Binary);
        }
    }

    // What it receives is the answer to a ping, before the write of the ping is done.
    private sealed class AnsweringTransport(FakeTimeProvider time) : Transport
    {
        private readonly Pipe _input = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

        public int Pings { get; private set; }

        public override PipeReader Input => _input.Reader;

        public override async ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
        {
            ((Opcode)(bytes.FirstSpan[0] & 0xF)).Should().Be(Opcode.Ping);
            Pings++;
            await _input.Writer.WriteAsync(FrameBytes.To(EndpointRole.Server, Opcode.Pong, []));
            time.Advance(TimeSpan.FromTicks(1));
        }

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _input.Writer.Complete();

        public override ValueTask DisposeAsync() => default;
    }

    private Peer NewPeer(long outgoingCapacity = 0) => new(EndpointRole.Server, NewOptions(), outgoingCapacity);

    private WebSocketConnectionOptions NewOptions() => new()
    {
        KeepAliveInterval = Interval,
        KeepAliveTimeout = Patience,
        TimeProvider = _time,
    };
}
