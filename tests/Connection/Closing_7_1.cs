using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using Microsoft.Extensions.Time.Testing;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

public sealed class Closing_7_1
{
    [TestCase("bye", "bye")]
    [TestCase("bye)\n12:00 all is well", "bye)\\u000a12:00 all is well")]
    [TestCase("\u001b[2J \u0085 \u2028 \u202e \u200f", "\\u001b[2J \\u0085 \\u2028 \\u202e \\u200f")]
    [TestCase("再见 👩‍🚀", "再见 👩‍🚀")]
    public void What_the_peer_gave_as_its_reason_stays_in_one_line_of_a_log(string reason, string shown) =>
        new WebSocketClosure(CloseCause.ClosingHandshake, CloseInitiator.Remote, WebSocketCloseStatus.NormalClosure, reason, null)
            .ToString().Should().Be($"ClosingHandshake by Remote, 1000 ({shown})");

    [Test]
    public async Task The_peers_status_is_echoed_and_told_with_who_closed()
    {
        await using var peer = new Peer();
        await peer.SendCloseAsync(3001);
        await foreach (var message in peer.Connection.ReadAllAsync())
        {
            Assert.Fail($"There is no message: {message}.");
        }

        await peer.ExpectCloseAsync(3001);
        peer.Connection.Closure.Should().Be(new WebSocketClosure(
            CloseCause.ClosingHandshake, CloseInitiator.Remote, (WebSocketCloseStatus)3001, "", null));
        peer.Connection.CloseStatus.Should().Be((WebSocketCloseStatus)3001);
        peer.Connection.State.Should().Be(WebSocketState.Closed);
        peer.Connection.Closed.IsCancellationRequested.Should().BeTrue();
    }

    [Test]
    public async Task Closing_waits_for_the_peers_answer_though_nobody_receives()
    {
        await using var peer = new Peer();
        var closing = peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure, "done").AsTask();
        await peer.ExpectCloseAsync(1000);
        closing.IsCompleted.Should().BeFalse();
        peer.Connection.State.Should().Be(WebSocketState.CloseSent);
        await peer.SendAsync(Opcode.Text, "late"u8.ToArray());
        await peer.SendCloseAsync(1000);
        await Peer.Within(closing);
        peer.Connection.Closure!.Initiator.Should().Be(CloseInitiator.Local);
        peer.Connection.Closure.Cause.Should().Be(CloseCause.ClosingHandshake);
    }

    [Test]
    public async Task Closing_goes_on_where_another_caller_receives_and_that_one_gets_what_still_comes()
    {
        await using var peer = new Peer();
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        var closing = peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask();
        await peer.SendAsync(Opcode.Text, "late"u8.ToArray());
        (await receiving).Text.Should().Be("late");
        await peer.SendCloseAsync(1000);
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync())).Should().ThrowAsync<ConnectionClosedException>();
        await Peer.Within(closing);
    }

    [Test]
    public async Task A_peer_that_does_not_answer_is_cut_after_the_close_timeout()
    {
        var time = new FakeTimeProvider();
        await using var peer = new Peer(EndpointRole.Server, new() { TimeProvider = time, CloseTimeout = TimeSpan.FromSeconds(5) });
        var closing = peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask();
        time.Advance(TimeSpan.FromSeconds(4.9));
        closing.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));
        await Peer.Within(closing);
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.CloseTimeout);
    }

    [Test]
    public async Task The_end_of_the_input_without_a_close_frame_is_a_lost_connection()
    {
        await using var peer = new Peer();
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        peer.EndInput();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.ConnectionLost);
        peer.Connection.Closure.Status.Should().BeNull();
        peer.Connection.State.Should().Be(WebSocketState.Aborted);
    }

    [Test]
    public async Task Abort_wakes_a_pending_receive_at_once()
    {
        await using var peer = new Peer();
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        peer.Connection.Abort();
        var ended = await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        ended.Which.Closure!.Cause.Should().Be(CloseCause.Aborted);
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.SendAsync("x"))).Should().ThrowAsync<ConnectionClosedException>();
    }

    [Test]
    public async Task Nothing_is_sent_behind_a_close_frame()
    {
        await using var peer = new Peer();
        peer.Connection.StartClose(WebSocketCloseStatus.EndpointUnavailable).Should().BeTrue();
        peer.Connection.StartClose(WebSocketCloseStatus.NormalClosure).Should().BeFalse("the first wins");
        peer.Connection.TrySend("late"u8.ToArray(), WebSocketMessageType.Text).Should().BeFalse();
        peer.Connection.TryPing().Should().BeFalse();
        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.SendAsync("late"))).Should().ThrowAsync<ConnectionClosedException>();
        await peer.ExpectCloseAsync(1001);
        await peer.SendCloseAsync(1001);
        await Peer.Within(peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure));
        (await peer.ReadFrameAsync()).Should().BeNull();
        peer.Connection.Closure!.Status.Should().Be(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Test]
    public async Task A_lent_message_stays_intact_while_the_connection_closes_and_more_arrives()
    {
        var pool = new TrackingPool();
        await using (var peer = new Peer(EndpointRole.Server, new() { BufferPool = pool }))
        {
            // In two parts, so that the message lies in a buffer of the connection's own.
            var frame = FrameBytes.To(EndpointRole.Server, Opcode.Binary, Enumerable.Repeat((byte)7, 5000).ToArray());
            var receiving = peer.Connection.ReceiveAsync().AsTask();
            await peer.WriteAsync(frame.AsMemory(0, 3000));
            await peer.WriteAsync(frame.AsMemory(3000));
            var message = await receiving;

            var closing = peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask();
            await peer.SendAsync(Opcode.Binary, Enumerable.Repeat((byte)9, 5000).ToArray());
            await peer.SendCloseAsync(1000);
            await Peer.Within(closing);

            message.Payload.ToArray().Should().HaveCount(5000).And.AllBeEquivalentTo((byte)7);
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task Closing_reads_on_when_the_receive_that_was_pending_has_got_its_message_and_nobody_asks_again()
    {
        await using var peer = new Peer();
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        var closing = peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask();
        await peer.SendAsync(Opcode.Text, "last"u8.ToArray());
        await peer.SendAsync(Opcode.Text, "nobody asks for this"u8.ToArray());
        await peer.SendCloseAsync(1000);

        (await receiving).Text.Should().Be("last");
        await Peer.Within(closing);
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
    }

    [Test]
    public async Task Closing_goes_on_behind_a_lent_message_that_does_not_stand_at_the_buffers_start()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint);
        var pool = new TrackingPool();
        var transport = new SocketTransport(await listener.AcceptSocketAsync(), pool);

        // A handshake and frames in one piece, as a client may send them.
        await client.SendAsync((byte[])[
            .. "handshake"u8,
            .. FrameBytes.To(EndpointRole.Server, Opcode.Text, "first"u8),
            .. FrameBytes.To(EndpointRole.Server, Opcode.Text, "second"u8)]);
        var head = await Peer.Within(transport.Input.ReadAsync());
        transport.Input.AdvanceTo(head.Buffer.GetPosition(9));
        await using (var connection = new WebSocketConnection(transport, EndpointRole.Server, new() { BufferPool = pool }))
        {
            var message = await Peer.Within(connection.ReceiveAsync());
            var closing = connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask();
            await client.SendAsync(FrameBytes.CloseTo(EndpointRole.Server, 1000));
            await Peer.Within(closing);

            connection.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
            message.Text.Should().Be("first");
            client.Shutdown(SocketShutdown.Send);
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [TestCase(WebSocketCloseStatus.Empty, 1005)]
    [TestCase(WebSocketCloseStatus.NormalClosure, 1000)]
    public async Task Both_ends_may_close_at_once(WebSocketCloseStatus status, int expected)
    {
        await using var peer = new Peer();
        await peer.SendCloseAsync(3000);
        var closing = peer.Connection.CloseAsync(status).AsTask();
        await Peer.Within(closing);
        await peer.ExpectCloseAsync(expected);
        (await peer.ReadFrameAsync()).Should().BeNull("one close frame is enough");
    }

    [Test]
    public async Task An_error_in_a_receive_that_has_not_waited_yet_ends_the_connection_and_nothing_hangs([Values] bool receives)
    {
        var input = new Pipe();
        var reader = new FaultyReader(input.Reader) { FailsToAdvance = true };
        var connection = new WebSocketConnection(
            new PipeTransport(new Duplex(reader, new Pipe().Writer)), EndpointRole.Server, new() { TimeProvider = new FakeTimeProvider() });
        await input.Writer.WriteAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "cut"u8).AsMemory(0, 7));
        if (receives)
        {
            await FluentActions.Awaiting(() => Peer.Within(connection.ReceiveAsync())).Should().ThrowAsync<ConnectionClosedException>();
        }

        await Peer.Within(connection.DisposeAsync());
        connection.Closure!.Cause.Should().Be(CloseCause.ConnectionLost);
        connection.Closure.Exception.Should().BeOfType<InvalidOperationException>();
    }

    [Test]
    public async Task Closing_is_not_lost_beside_a_receive_that_is_refused_because_a_stream_is_open()
    {
        for (var i = 0; i < 300; i++)
        {
            await using var peer = new Peer(EndpointRole.Server, new() { TimeProvider = new FakeTimeProvider() });
            await peer.SendAsync(Opcode.Binary, new byte[10], final: false);
            await Peer.Within(peer.Connection.ReceiveStreamAsync());
            await peer.SendCloseAsync(1000);
            using var start = new Barrier(2);
            var refused = Task.Run(async () =>
            {
                start.SignalAndWait();
                for (var attempt = 0; attempt < 100; attempt++)
                {
                    try
                    {
                        await peer.Connection.ReceiveAsync();
                    }
                    catch (Exception expected) when (expected is InvalidOperationException or ConnectionClosedException)
                    {
                        // Which of them depends on who was first.
                    }
                }
            });
            start.SignalAndWait();
            await Peer.Within(peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure));
            await Peer.Within(refused);
        }
    }

    [Test]
    public async Task The_status_on_the_wire_is_the_closures_though_the_peers_close_frame_comes_while_this_end_begins_to_close()
    {
        var time = new HookedTime();
        await using var peer = new Peer(EndpointRole.Server, new() { TimeProvider = time });
        var receiving = peer.Connection.ReceiveAsync().AsTask();

        // The close timeout's timer is made after the decision to close, and before the close frame.
        time.OnceAtCreation = () => peer.SendCloseAsync(3001).GetAwaiter().GetResult();
        peer.Connection.StartClose((WebSocketCloseStatus)3000, "first").Should().BeTrue();

        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        await peer.ExpectCloseAsync(3000);
        (await peer.ReadFrameAsync()).Should().BeNull();
        peer.Connection.Closure.Should().Be(new WebSocketClosure(
            CloseCause.ClosingHandshake, CloseInitiator.Local, (WebSocketCloseStatus)3000, "first", null));
    }

    [Test]
    public async Task Aborting_a_pipe_completes_its_writer_only_when_no_write_is_under_way()
    {
        var writer = new SlowWriter();
        var transport = new PipeTransport(new Duplex(new Pipe().Reader, writer));
        var writing = transport.WriteAsync(new(new byte[10])).AsTask();

        transport.Abort();
        transport.Abort();
        writer.Completions.Should().Be(0, "a writer is for one at a time");
        writer.Flushing.SetResult(new FlushResult(isCanceled: true, isCompleted: false));
        await FluentActions.Awaiting(() => Peer.Within(writing)).Should().ThrowAsync<IOException>();
        writer.Completions.Should().Be(1);

        await FluentActions.Awaiting(() => Peer.Within(transport.WriteAsync(new(new byte[10])))).Should().ThrowAsync<IOException>();
        await transport.DisposeAsync();
    }

    [Test]
    public async Task Whoever_disposes_second_waits_for_the_first()
    {
        var time = new FakeTimeProvider();
        await using var peer = new Peer(EndpointRole.Server, new() { TimeProvider = time, CloseTimeout = TimeSpan.FromSeconds(5) });
        var first = peer.Connection.DisposeAsync().AsTask();
        var second = peer.Connection.DisposeAsync().AsTask();
        first.IsCompleted.Should().BeFalse("the peer has not answered");
        second.IsCompleted.Should().BeFalse();

        time.Advance(TimeSpan.FromSeconds(5));
        await Peer.Within(Task.WhenAll(first, second));
    }

    // Its flush is pending until a test completes it.
    private sealed class SlowWriter : PipeWriter
    {
        private readonly byte[] _buffer = new byte[4096];

        public TaskCompletionSource<FlushResult> Flushing { get; } = new();

        public int Completions { get; private set; }

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(Flushing.Task);

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null) => Completions++;
    }

    [Test]
    public async Task Closing_keeps_no_thread_of_the_callers_though_the_peer_never_stops_sending()
    {
        var transport = new EndlessTransport();
        await using var connection = new WebSocketConnection(
            transport, EndpointRole.Client, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, CloseTimeout = TimeSpan.FromMinutes(5) });
        var returned = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => returned.SetResult(connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask())) { IsBackground = true }.Start();

        var closing = await Peer.Within(returned.Task);

        closing.IsCompleted.Should().BeFalse();
        connection.Abort();
        await FluentActions.Awaiting(() => Peer.Within(closing)).Should().NotThrowAsync();
    }

    // Pongs without end, which are there at once.
    private sealed class EndlessTransport : Transport
    {
        private readonly EndlessPongs _input = new();

        public override PipeReader Input => _input;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes) => default;

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _input.IsOver = true;

        public override ValueTask DisposeAsync()
        {
            _input.Complete();
            return default;
        }
    }

    private sealed class EndlessPongs() : TransportReader(ArrayPool<byte>.Shared)
    {
        public volatile bool IsOver;

        protected override bool ReceiveWaits => false;

        protected override ValueTask<int> WaitAsync() => new(0);

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
        {
            if (IsOver)
            {
                return new(0);
            }

            var whole = buffer.Span[..(buffer.Length & ~1)];
            for (var i = 0; i < whole.Length; i += 2)
            {
                (whole[i], whole[i + 1]) = (0x8A, 0);
            }

            return new(whole.Length);
        }
    }
}
