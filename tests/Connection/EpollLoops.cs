using System.Buffers;
using System.IO.Pipelines;
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

using Microsoft.Extensions.Logging;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>The transport on epoll loops by itself: real sockets, one loop, so that what one connection does could harm another.</summary>
[Platform("Linux")]
public sealed class EpollLoops
{
    private readonly List<IDisposable> _owned = [];
    private TrackingPool _pool = null!;
    private Log _log = null!;
    private EpollLoopGroup _loops = null!;

    [SetUp]
    public void StartLoop()
    {
        _pool = new();
        _log = new();
        _loops = new(1, _pool, _log);
    }

    [TearDown]
    public async Task EndAllAsync()
    {
        _owned.ForEach(one => one.Dispose());
        _owned.Clear();
        await Peer.Within(_loops.DisposeAsync().AsTask());
        _pool.Faults.Should().BeEmpty();
        _pool.Out.Should().Be(0);
    }

    [Test]
    public async Task Bytes_are_received_on_the_loops_thread_and_the_answer_is_sent_at_once()
    {
        var (transport, peer) = await ConnectAsync();
        await peer.SendAsync("hello"u8.ToArray());
        var result = await transport.Input.ReadAsync();
        await peer.SendAsync("again"u8.ToArray());
        transport.Input.AdvanceTo(result.Buffer.End);

        // The second read is completed by the loop, inline.
        result = await transport.Input.ReadAsync();
        var write = transport.WriteAsync(result.Buffer);

        write.IsCompleted.Should().BeTrue();
        transport.Input.AdvanceTo(result.Buffer.End);
        (await ReceiveAsync(peer, 5)).Should().Be("again");
        await transport.DisposeAsync();
    }

    [Test]
    public async Task Addresses_are_those_of_the_socket([Values("127.0.0.1", "::1")] string address)
    {
        var (transport, peer) = await ConnectAsync(address);

        transport.RemoteEndPoint.Should().Be(peer.LocalEndPoint);
        transport.LocalEndPoint.Should().Be(peer.RemoteEndPoint);
        await transport.DisposeAsync();
        transport.LocalEndPoint.Should().BeNull("there is none any more");
    }

    [Test]
    public async Task Disposing_ends_TCP_in_order_and_aborting_by_a_reset()
    {
        var (orderly, reader) = await ConnectAsync();
        await orderly.DisposeAsync();
        (await reader.ReceiveAsync(new byte[1])).Should().Be(0);

        var (aborted, cut) = await ConnectAsync();
        aborted.Abort();
        var receive = async () => await cut.ReceiveAsync(new byte[1]);
        (await receive.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        await aborted.DisposeAsync();
    }

    [Test]
    public async Task A_write_that_finds_no_room_goes_on_as_the_peer_reads()
    {
        var (transport, peer) = await ConnectAsync();
        var sent = new byte[16 * 1024 * 1024];
        new Random(1).NextBytes(sent);

        var write = transport.WriteAsync(new(sent));
        write.IsCompleted.Should().BeFalse("nobody has read yet");
        var before = transport.WriteProgress;
        var received = new byte[sent.Length];
        for (var done = 0; done < received.Length;)
        {
            done += await peer.ReceiveAsync(received.AsMemory(done));
        }

        await Peer.Within(write.AsTask());
        received.AsSpan().SequenceEqual(sent).Should().BeTrue();
        transport.WriteProgress.Should().BeGreaterThan(before);
        await transport.DisposeAsync();
    }

    [Test]
    public async Task Many_pieces_are_written_in_their_order_however_long_they_are([Values(10, 2000, 70_000)] int length)
    {
        var (transport, peer) = await ConnectAsync();
        var pieces = Enumerable.Range(0, 40).Select(number => Enumerable.Repeat((byte)number, length).ToArray()).ToArray();

        var write = transport.WriteAsync(Piece.Sequence(pieces)).AsTask();
        var received = new byte[40 * length];
        for (var done = 0; done < received.Length;)
        {
            done += await peer.ReceiveAsync(received.AsMemory(done));
        }

        await Peer.Within(write);
        received.AsSpan().SequenceEqual(pieces.SelectMany(piece => piece).ToArray()).Should().BeTrue();
        await transport.DisposeAsync();
    }

    [Test]
    public async Task Aborting_fails_the_read_and_the_write_that_are_pending()
    {
        var (transport, _) = await ConnectAsync();
        var write = transport.WriteAsync(new(new byte[16 * 1024 * 1024])).AsTask();
        var read = transport.Input.ReadAsync().AsTask();

        transport.Abort();

        var both = async () => await Peer.Within(Task.WhenAll(read, write));
        await both.Should().ThrowAsync<ObjectDisposedException>();
        read.IsFaulted.Should().BeTrue();
        write.IsFaulted.Should().BeTrue();
        await transport.DisposeAsync();
    }

    [Test]
    public async Task A_peer_that_has_ended_its_direction_is_still_answered()
    {
        var (transport, peer) = await ConnectAsync();
        await peer.SendAsync("last"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);

        var text = new StringBuilder();
        ReadResult result;
        do
        {
            result = await transport.Input.ReadAsync();
            text.Append(Encoding.ASCII.GetString(result.Buffer));
            transport.Input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);
        await transport.WriteAsync(new("bye"u8.ToArray()));
        await transport.ShutdownAsync();

        text.ToString().Should().Be("last");
        (await ReceiveAsync(peer, 3)).Should().Be("bye");
        (await peer.ReceiveAsync(new byte[1])).Should().Be(0);
        await transport.DisposeAsync();
    }

    [Test]
    public async Task A_cancelled_read_loses_nothing()
    {
        var (transport, peer) = await ConnectAsync();
        var read = transport.Input.ReadAsync().AsTask();

        transport.Input.CancelPendingRead();
        (await Peer.Within(read)).IsCanceled.Should().BeTrue();
        await peer.SendAsync("kept"u8.ToArray());
        var result = await transport.Input.ReadAsync();

        Encoding.ASCII.GetString(result.Buffer).Should().Be("kept");
        transport.Input.AdvanceTo(result.Buffer.End);
        await transport.DisposeAsync();
    }

    [Test]
    public async Task What_is_not_consumed_is_shown_again_with_what_comes_behind_it()
    {
        var (transport, peer) = await ConnectAsync();
        await WarmUpAsync(transport, peer);
        var read = transport.Input.ReadAsync().AsTask();
        await peer.SendAsync("abc"u8.ToArray());
        var result = await Peer.Within(read);
        transport.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        await peer.SendAsync("def"u8.ToArray());

        result = await transport.Input.ReadAsync();

        Encoding.ASCII.GetString(result.Buffer).Should().Be("bcdef");
        transport.Input.AdvanceTo(result.Buffer.End);
        await transport.DisposeAsync();
    }

    [Test]
    public async Task A_message_that_a_handler_keeps_stays_as_it_is_while_others_of_the_loop_receive()
    {
        var (kept, keptPeer) = await ConnectAsync();
        var (busy, busyPeer) = await ConnectAsync();
        await using var keeper = new WebSocketConnection(kept, EndpointRole.Server, Options());
        await using var echo = new WebSocketConnection(busy, EndpointRole.Server, Options());
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeperHandler = KeepAsync(keeper, keeping, goOn.Task);
        var echoHandler = EchoAsync(echo);

        // After two that it let go at once, the connection receives into the loop's own buffer.
        for (var i = 0; i < 3; i++)
        {
            await keptPeer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "let go"u8));
            (await ReceiveAsync(keptPeer, 8)).Should().EndWith("let go");
        }

        await keptPeer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "keep this"u8));
        await Peer.Within(keeping.Task);
        for (var i = 0; i < 100; i++)
        {
            await busyPeer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "overwrite"u8));
            await ReceiveAsync(busyPeer, 11);
        }

        goOn.SetResult();
        (await ReceiveAsync(keptPeer, 11)).Should().EndWith("keep this");
        keptPeer.Dispose();
        busyPeer.Dispose();
        await Peer.Within(Task.WhenAll(keeperHandler, echoHandler));
    }

    [Test]
    public async Task Messages_that_just_do_not_fit_a_buffer_of_the_connections_own_soon_come_in_one_receive_each()
    {
        const int Message = (16 * 1024) + 8;
        const int MostMessages = 100;
        const int Enough = 3;

        // Off the loop, a connection has no part in the loop's buffer.
        var (transport, peer) = await ConnectAsync(inline: false);
        var inOneReceive = 0;
        for (var messages = 0; messages < MostMessages && inOneReceive < Enough; messages++)
        {
            await peer.SendAsync(new byte[Message]);
            var receives = 0;
            for (var received = 0L; received < Message; receives++)
            {
                var result = await Peer.Within(transport.Input.ReadAsync());
                received += result.Buffer.Length;
                transport.Input.AdvanceTo(result.Buffer.End);
            }

            inOneReceive = receives == 1 ? inOneReceive + 1 : 0;
        }

        inOneReceive.Should().Be(Enough, "so many in a row did");
        await transport.DisposeAsync();
        peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_never_stops_sending_leaves_the_others_of_the_loop_their_turn()
    {
        var (flooded, flooder) = await ConnectAsync();
        var (transport, peer) = await ConnectAsync();
        await using var sink = new WebSocketConnection(flooded, EndpointRole.Server, Options());
        await using var echo = new WebSocketConnection(transport, EndpointRole.Server, Options());
        var handlers = Task.WhenAll(SinkAsync(sink), EchoAsync(echo));
        var frames = Enumerable.Range(0, 16).SelectMany(_ => FrameBytes.To(EndpointRole.Server, Opcode.Binary, new byte[60_000])).ToArray();
        using var end = new CancellationTokenSource();
        var flood = FloodAsync(flooder, frames, end.Token);

        for (var i = 0; i < 200; i++)
        {
            await peer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "my turn"u8));
            (await Peer.Within(ReceiveAsync(peer, 9))).Should().EndWith("my turn");
        }

        await end.CancelAsync();
        await flood;
        flooder.Dispose();
        peer.Dispose();
        await Peer.Within(handlers);
    }

    [Test]
    public async Task Whoever_asks_twice_for_another_turn_has_one_so_that_the_others_have_theirs()
    {
        var loop = new EpollLoop("epoll loop of turns", _pool, _log);
        var order = new StringBuilder();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TurnTaker { OnTurn = taker => TakeTurn(taker, 'a') };
        var second = new TurnTaker { OnTurn = taker => TakeTurn(taker, 'b') };

        loop.TryPost(new Work(() =>
        {
            loop.Requeue(first);
            loop.Requeue(second);
        })).Should().BeTrue();
        loop.Wake();
        await Peer.Within(done.Task);
        await Peer.Within(loop.StopAsync());

        order.ToString().Should().Be("abababababababab");

        void TakeTurn(TurnTaker taker, char name)
        {
            if (order.Length == 16)
            {
                done.TrySetResult();
                return;
            }

            // As does a connection that receives as much as fits: its handler, which reads on, and then whoever runs the handler.
            order.Append(name);
            loop.Requeue(taker);
            loop.Requeue(taker);
        }
    }

    [Test]
    public async Task A_peer_that_never_stops_sending_has_its_turns_also_where_it_is_read_on_a_thread_of_the_pool([Values] bool inline)
    {
        var (transport, peer) = await ConnectAsync(inline: inline);
        using var end = new CancellationTokenSource();
        var flood = FloodAsync(peer, new byte[1024 * 1024], end.Token);

        var most = await Peer.Within(Task.Run(ReadAsync));

        most.Should().BeLessThanOrEqualTo(2);
        await end.CancelAsync();
        transport.Abort();
        await transport.DisposeAsync();
        await Peer.Within(flood);

        async Task<int> ReadAsync()
        {
            var (inARow, most) = (0, 0);
            for (var i = 0; i < 500; i++)
            {
                // What was there at once needs nothing to be preserved. That a read is complete would not do: the loop may have been quick.
                var read = transport.Input.ReadAsync();
                var preserved = read.Preserve();
                inARow = preserved == read ? inARow + 1 : 0;
                most = Math.Max(most, inARow);
                var result = await preserved.ConfigureAwait(false);
                Thread.SpinWait(2000);
                transport.Input.AdvanceTo(result.Buffer.End);
            }

            return most;
        }
    }

    [Test]
    public async Task A_connection_that_was_cut_tells_its_reader_also_when_its_loop_has_ended([Values] bool inline)
    {
        var (transport, peer) = await ConnectAsync(inline: inline);
        var first = transport.Input.ReadAsync().AsTask();
        await peer.SendAsync(new byte[256 * 1024]);
        transport.Input.AdvanceTo((await Peer.Within(first)).Buffer.End);
        await Peer.Within(Task.Run(ReadUntilThereIsMoreAsync));

        transport.Abort();
        await Peer.Within(_loops.DisposeAsync().AsTask());

        // There is nobody any more who could give it a turn.
        await FluentActions.Awaiting(() => Peer.Within(transport.Input.ReadAsync())).Should().ThrowAsync<ObjectDisposedException>();
        await transport.DisposeAsync();

        async Task ReadUntilThereIsMoreAsync()
        {
            for (var wasThere = false; !wasThere;)
            {
                var read = transport.Input.ReadAsync();
                wasThere = read.IsCompleted;
                transport.Input.AdvanceTo((await read.ConfigureAwait(false)).Buffer.End);
            }
        }
    }

    [Test]
    public async Task A_handler_that_blocks_is_noticed_and_the_others_of_its_loop_are_served_on_another_thread()
    {
        var (blocked, blocker) = await ConnectAsync();
        var (transport, peer) = await ConnectAsync();
        await using var blocking = new WebSocketConnection(blocked, EndpointRole.Server, Options());
        await using var echo = new WebSocketConnection(transport, EndpointRole.Server, Options());
        using var release = new ManualResetEventSlim();
        var handlers = Task.WhenAll(Task.Run(() => BlockAsync(blocking, release)), EchoAsync(echo));
        await BlockOnItsLoopAsync(blocker);
        await peer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "served"u8));
        (await Peer.Within(ReceiveAsync(peer, 8))).Should().EndWith("served");
        _log.Events.Should().Contain(200);

        release.Set();
        (await Peer.Within(ReceiveAsync(blocker, 7))).Should().EndWith("after");
        for (var i = 0; i < 10; i++)
        {
            await peer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "served"u8));
            (await Peer.Within(ReceiveAsync(peer, 8))).Should().EndWith("served");
        }

        blocker.Dispose();
        peer.Dispose();
        await Peer.Within(handlers);
    }

    [Test]
    public async Task Code_that_blocks_can_be_told_to_run_off_the_loop()
    {
        var (blocked, blocker) = await ConnectAsync(inline: false);
        var (transport, peer) = await ConnectAsync();
        await using var blocking = new WebSocketConnection(blocked, EndpointRole.Server, Options());
        await using var echo = new WebSocketConnection(transport, EndpointRole.Server, Options());
        using var release = new ManualResetEventSlim();
        var handlers = Task.WhenAll(Task.Run(() => BlockAsync(blocking, release)), EchoAsync(echo));
        await blocker.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "block"u8));

        for (var i = 0; i < 10; i++)
        {
            await peer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "served"u8));
            (await Peer.Within(ReceiveAsync(peer, 8))).Should().EndWith("served");
        }

        _log.Events.Should().BeEmpty();
        release.Set();
        (await Peer.Within(ReceiveAsync(blocker, 15))).Should().EndWith("after");
        blocker.Dispose();
        peer.Dispose();
        await Peer.Within(handlers);
    }

    [Test]
    public async Task Code_that_blocks_is_not_told_of_a_failure_on_the_loop_either()
    {
        var (transport, peer) = await ConnectAsync(inline: false);
        var thread = FailingThreadAsync(transport);

        peer.LingerState = new(enable: true, seconds: 0);
        peer.Dispose();

        (await Peer.Within(thread)).Should().NotStartWith("epoll loop");
        await transport.DisposeAsync();
    }

    [Test]
    public async Task What_a_handler_sends_after_its_loop_was_taken_over_goes_out_though_it_blocks_again()
    {
        var (blocked, blocker) = await ConnectAsync();
        await using var blocking = new WebSocketConnection(blocked, EndpointRole.Server, Options());
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        var handler = Task.Run(() => BlockAsync(blocking, first, second));
        await BlockOnItsLoopAsync(blocker);

        first.Set();
        (await Peer.Within(ReceiveAsync(blocker, 7))).Should().EndWith("after", "the handler has not waited, but nobody else would send it");

        second.Set();
        blocker.Dispose();
        await Peer.Within(handler);
    }

    [Test]
    public async Task What_a_handler_has_sent_goes_out_though_another_that_runs_inside_it_blocks()
    {
        var (transport, peer) = await ConnectAsync();
        await using var outer = new WebSocketConnection(transport, EndpointRole.Server, Options());
        var pipe = new Pipe(new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        await using var inner = new WebSocketConnection(new PipeTransport(new ReadOnlyPipe(pipe.Reader)), EndpointRole.Server, Options());
        using var release = new ManualResetEventSlim();
        var handlers = Task.WhenAll(Task.Run(() => BlockAsync(inner, release)), Task.Run(NestAsync));

        await BlockOnItsLoopAsync(peer);

        release.Set();
        peer.Dispose();
        await pipe.Writer.CompleteAsync();
        await Peer.Within(handlers);

        async Task NestAsync()
        {
            await foreach (var message in outer.ReadAllAsync())
            {
                if (Thread.CurrentThread.Name?.StartsWith("epoll loop", StringComparison.Ordinal) != true)
                {
                    await outer.SendAsync("repeat");
                    continue;
                }

                await outer.SendAsync("before");

                // The other handler runs right here.
                await pipe.Writer.WriteAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "block"u8));
            }
        }
    }

    [Test]
    public async Task What_others_gather_reaches_the_members_of_a_loop_whose_handler_has_just_blocked()
    {
        var (blocked, blocker) = await ConnectAsync();
        await using var blocking = new WebSocketConnection(blocked, EndpointRole.Server, Options());
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        var members = new List<(WebSocketConnection Connection, Socket Peer)>();
        for (var i = 0; i < 80; i++)
        {
            var (transport, peer) = await ConnectAsync();
            members.Add((new(transport, EndpointRole.Server, Options()), peer));
        }

        var handler = Task.Run(BlockAtOnceAsync);
        await blocker.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "block"u8));
        (await entered.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue();
        SendToAll();

        foreach (var (connection, peer) in members)
        {
            (await Peer.Within(ReceiveAsync(peer, 6))).Should().EndWith("news");
            connection.Abort();
            await Peer.Within(connection.DisposeAsync());
        }

        release.Set();
        blocker.Dispose();
        await Peer.Within(handler);

        void SendToAll()
        {
            using var cork = WebSocketConnection.Cork();
            members.ForEach(static member => member.Connection.TrySend(PreparedMessage.FromText("news")).Should().BeTrue());
        }

        async Task BlockAtOnceAsync()
        {
            await foreach (var message in blocking.ReadAllAsync().ConfigureAwait(false))
            {
                entered.Release();
                release.Wait(TimeSpan.FromSeconds(60)).Should().BeTrue();
            }
        }
    }

    [Test]
    public async Task Posted_work_that_blocks_or_fails_keeps_nothing_behind_it_from_being_done()
    {
        var (transport, _) = await ConnectAsync();
        using var release = new ManualResetEventSlim();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        transport.Loop!.TryPost(new Work(() => throw new InvalidOperationException("on purpose"))).Should().BeTrue();
        transport.Loop.TryPost(new Work(() => release.Wait(TimeSpan.FromSeconds(60)))).Should().BeTrue();
        transport.Loop.TryPost(new Work(done.SetResult)).Should().BeTrue();
        transport.Loop.Wake();

        await Peer.Within(done.Task);
        Peer.Until(() => _log.Events.Contains(200));
        _log.Events.Should().Contain(201, "of the failure somebody is told");
        release.Set();
        await transport.DisposeAsync();
    }

    [Test]
    public async Task More_than_the_loops_buffer_can_stay_unconsumed()
    {
        var (transport, peer) = await ConnectAsync();
        await WarmUpAsync(transport, peer);
        var sent = new byte[512 * 1024];
        new Random(2).NextBytes(sent);
        var received = GatherAsync(transport, sent.Length);
        await peer.SendAsync(sent);

        (await Peer.Within(received)).AsSpan().SequenceEqual(sent).Should().BeTrue();
        await transport.DisposeAsync();
    }

    [Test]
    public async Task Bytes_behind_an_urgent_one_are_received_though_a_receive_ends_before_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await peer.ConnectAsync(listener.LocalEndpoint);
        var accepted = await listener.AcceptSocketAsync();
        peer.Send("ab"u8);
        peer.Send("!"u8, SocketFlags.OutOfBand);
        peer.Send("cd"u8);
        Peer.Until(() => accepted.Available >= 2);

        var transport = _loops.Add(accepted);

        Encoding.ASCII.GetString(await Peer.Within(GatherAsync(transport, 4))).Should().Be("abcd");
        await transport.DisposeAsync();
    }

    [Test]
    public async Task A_write_of_memory_that_cannot_be_looked_at_fails_and_keeps_no_descriptor()
    {
        var (transport, peer) = await ConnectAsync();
        using var gone = new GoneMemory();

        var write = () => transport.WriteAsync(new(gone.Memory)).AsTask();

        await write.Should().ThrowAsync<ObjectDisposedException>();
        await transport.DisposeAsync();
        (await Peer.Within(peer.ReceiveAsync(new byte[1]))).Should().Be(0, "the descriptor is closed");
    }

    [Test]
    public async Task Disposing_ends_the_read_and_the_write_that_are_pending()
    {
        var (transport, _) = await ConnectAsync();
        var write = transport.WriteAsync(new(new byte[16 * 1024 * 1024])).AsTask();
        var read = transport.Input.ReadAsync().AsTask();

        await transport.DisposeAsync();

        var both = async () => await Peer.Within(Task.WhenAll(read, write));
        await both.Should().ThrowAsync<ObjectDisposedException>();
        read.IsFaulted.Should().BeTrue();
        write.IsFaulted.Should().BeTrue();
    }

    [Test]
    public async Task A_buffer_that_comes_back_after_the_loops_have_ended_goes_to_the_pool()
    {
        var (transport, peer) = await ConnectAsync();
        await WarmUpAsync(transport, peer);
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        var reader = KeepAsync(transport, shown, goOn);
        await peer.SendAsync("x"u8.ToArray());
        await Peer.Within(shown.Task);

        // The reader blocks the loop, and still has the buffer when another thread has taken the loop over and ended it.
        await Peer.Within(_loops.DisposeAsync().AsTask());
        goOn.Set();
        await Peer.Within(reader);

        _pool.Out.Should().Be(0);
    }

    [Test]
    public async Task Nothing_is_added_after_the_end_and_a_second_end_touches_no_descriptor_of_others()
    {
        await _loops.DisposeAsync();
        using var pipes = new DescriptorHolder();

        await _loops.DisposeAsync();
        var add = async () => await ConnectAsync();

        await add.Should().ThrowAsync<ObjectDisposedException>();
        pipes.Written.Should().Be(0, "the numbers of the loop's descriptors are somebody else's now");
    }

    [Test]
    public async Task A_log_that_fails_ends_neither_a_loop_nor_the_process()
    {
        _log.Fails = true;
        var (failing, failer) = await ConnectAsync();
        var (transport, peer) = await ConnectAsync();
        await using var echo = new WebSocketConnection(transport, EndpointRole.Server, Options());
        var handler = EchoAsync(echo);
#pragma warning disable CA2012 // Nobody else awaits it.
        failing.Input.ReadAsync().ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(
            static () => throw new InvalidOperationException("a continuation that throws"));
#pragma warning restore CA2012

        await failer.SendAsync("x"u8.ToArray());

        var cut = async () => await Peer.Within(failer.ReceiveAsync(new byte[1]));
        await cut.Should().ThrowAsync<SocketException>();
        await peer.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "served"u8));
        (await Peer.Within(ReceiveAsync(peer, 8))).Should().EndWith("served");
        _log.Events.Should().Contain(201);
        await failing.DisposeAsync();
        peer.Dispose();
        await Peer.Within(handler);
    }

    // On the loop's thread it would hold up all the others that are on it.
    [Test]
    public async Task Whoever_disposes_of_a_connection_from_elsewhere_does_not_find_itself_on_the_loops_thread([Values] bool throughAStream)
    {
        var (transport, peer) = await ConnectAsync();
        Transport used = throughAStream ? new StreamTransport(transport.AsStream(), transport, _pool) : transport;
        await using var connection = new WebSocketConnection(used, EndpointRole.Server, Options());
        var isOnLoop = Task.Run(async () =>
        {
            await connection.DisposeAsync();
            return EpollLoop.IsAnyCurrent;
        });

        await ReceiveAsync(peer, 4);
        await peer.SendAsync(FrameBytes.CloseTo(EndpointRole.Server, 1000));
        peer.Shutdown(SocketShutdown.Send);

        (await Peer.Within(isOnLoop)).Should().BeFalse();
        peer.Dispose();
    }

    [Test]
    public async Task A_handler_that_disposes_of_its_connection_stays_on_the_loops_thread()
    {
        var (transport, peer) = await ConnectAsync();
        var connection = new WebSocketConnection(transport, EndpointRole.Server, Options());
        var wasOnLoop = DisposeAsSoonAsItIsClosedAsync();

        await peer.SendAsync(FrameBytes.CloseTo(EndpointRole.Server, 1000));
        await ReceiveAsync(peer, 4);
        peer.Shutdown(SocketShutdown.Send);

        (await Peer.Within(wasOnLoop)).Should().BeTrue();
        peer.Dispose();

        async Task<bool> DisposeAsSoonAsItIsClosedAsync()
        {
            await foreach (var _ in connection.ReadAllAsync().ConfigureAwait(false))
            {
            }

            await connection.DisposeAsync().ConfigureAwait(false);
            return EpollLoop.IsAnyCurrent;
        }
    }

    [Test]
    public void At_least_one_loop_is_asked_for()
    {
        var create = () => new EpollLoopGroup(0, _pool, _log);

        create.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static WebSocketConnectionOptions Options() => new() { KeepAliveInterval = Timeout.InfiniteTimeSpan };

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            await connection.SendAsync(message);
        }
    }

    private static async Task SinkAsync(WebSocketConnection connection)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            _ = message;
        }
    }

    private static async Task KeepAsync(WebSocketConnection connection, TaskCompletionSource keeping, Task goOn)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            if (message.Span.StartsWith("keep"u8))
            {
                keeping.SetResult();
                await goOn;
            }

            await connection.SendAsync(message);
        }
    }

    // What the handler has sent before it blocked goes out, too. Until its first wait it may run where it was started.
    private static async Task BlockOnItsLoopAsync(Socket blocker)
    {
        string answer;
        do
        {
            await blocker.SendAsync(FrameBytes.To(EndpointRole.Server, Opcode.Text, "block on the loop"u8));
            answer = await Peer.Within(ReceiveAsync(blocker, 8));
        }
        while (answer.EndsWith("repeat", StringComparison.Ordinal));

        answer.Should().EndWith("before");
    }

    private static async Task BlockAsync(WebSocketConnection connection, ManualResetEventSlim release, ManualResetEventSlim? again = null)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            if (message.Span.EndsWith("on the loop"u8) && Thread.CurrentThread.Name?.StartsWith("epoll loop", StringComparison.Ordinal) != true)
            {
                await connection.SendAsync("repeat");
                continue;
            }

            await connection.SendAsync("before");
            release.Wait(TimeSpan.FromSeconds(60)).Should().BeTrue();
            await connection.SendAsync("after");
            (again?.Wait(TimeSpan.FromSeconds(60)) ?? true).Should().BeTrue();
        }
    }

    private static async Task KeepAsync(Transport transport, TaskCompletionSource shown, ManualResetEventSlim goOn)
    {
        var result = await transport.Input.ReadAsync().ConfigureAwait(false);
        shown.SetResult();
        goOn.Wait(TimeSpan.FromSeconds(60)).Should().BeTrue();
        transport.Input.AdvanceTo(result.Buffer.End);
        await transport.DisposeAsync();
    }

    private static async Task<string> FailingThreadAsync(Transport transport)
    {
        try
        {
            await transport.Input.ReadAsync().ConfigureAwait(false);
            return "the read has not failed";
        }
        catch (SocketException)
        {
            return Thread.CurrentThread.Name ?? "";
        }
    }

    // Consumes nothing before everything is there.
    private static async Task<byte[]> GatherAsync(Transport transport, int count)
    {
        while (true)
        {
            var result = await transport.Input.ReadAsync().ConfigureAwait(false);
            result.IsCompleted.Should().BeFalse("the peer has not ended");
            if (result.Buffer.Length >= count)
            {
                var all = result.Buffer.ToArray();
                transport.Input.AdvanceTo(result.Buffer.End);
                return all;
            }

            transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async Task FloodAsync(Socket socket, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await socket.SendAsync(bytes, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    // Two rounds that are consumed at once: from then on the connection receives into the loop's buffer.
    private static async Task WarmUpAsync(Transport transport, Socket peer)
    {
        for (var i = 0; i < 3; i++)
        {
            var read = ConsumeAsync(transport);
            await peer.SendAsync("x"u8.ToArray());
            await Peer.Within(read);
        }
    }

    private static async Task ConsumeAsync(Transport transport)
    {
        var result = await transport.Input.ReadAsync().ConfigureAwait(false);
        transport.Input.AdvanceTo(result.Buffer.End);
    }

    private static async Task<string> ReceiveAsync(Socket socket, int count)
    {
        var received = new byte[count];
        for (var done = 0; done < count;)
        {
            var more = await socket.ReceiveAsync(received.AsMemory(done));
            more.Should().BePositive("more bytes are expected");
            done += more;
        }

        return Encoding.Latin1.GetString(received);
    }

    private async Task<(Transport Transport, Socket Peer)> ConnectAsync(string address = "127.0.0.1", bool inline = true)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var peer = new Socket(listener.LocalEndpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _owned.Add(peer);
        var accepting = listener.AcceptSocketAsync();
        await peer.ConnectAsync(listener.LocalEndpoint);
        return (_loops.Add(await accepting, inline), peer);
    }

    // What is sent goes nowhere.
    private sealed class ReadOnlyPipe(PipeReader reader) : IDuplexPipe
    {
        public PipeReader Input => reader;

        public PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);
    }

    private sealed class TurnTaker : IEpollTarget
    {
        public required Action<TurnTaker> OnTurn { get; init; }

        public ulong Slot { get; set; }

        public bool IsRequeued { get; set; }

        public int Descriptor => throw new NotSupportedException("It has no socket.");

        public void OnEvents(int flags) => OnTurn(this);

        public void Abort() => throw new NotSupportedException("Its turns do not fail.");
    }

    private sealed class Work(Action execute) : IThreadPoolWorkItem
    {
        public void Execute() => execute();
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Sequence(byte[][] pieces)
        {
            var first = new Piece { Memory = pieces[0] };
            var last = first;
            foreach (var piece in pieces.Skip(1))
            {
                var next = new Piece { Memory = piece, RunningIndex = last.RunningIndex + last.Memory.Length };
                last.Next = next;
                last = next;
            }

            return new(first, 0, last, last.Memory.Length);
        }
    }

    // A payload whose owner has let it go too early.
    private sealed class GoneMemory : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(10);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException(nameof(GoneMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new ObjectDisposedException(nameof(GoneMemory));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    // Takes the lowest free numbers for one end of pipes, and tells how many bytes anybody has written into those ends.
    private sealed class DescriptorHolder : IDisposable
    {
        private readonly (AnonymousPipeServerStream Reader, SafeHandle Writer)[] _pipes = [.. Enumerable.Range(0, 8).Select(static _ =>
        {
            var reader = new AnonymousPipeServerStream(PipeDirection.In);
            return (reader, (SafeHandle)reader.ClientSafePipeHandle);
        })];

        public int Written
        {
            get
            {
                var written = 0;
                foreach (var (reader, _) in _pipes)
                {
                    reader.DisposeLocalCopyOfClientHandle();
                    written += reader.Read(new byte[64]);
                }

                return written;
            }
        }

        public void Dispose()
        {
            foreach (var (reader, _) in _pipes)
            {
                reader.Dispose();
            }
        }
    }

    private sealed class Log : ILogger
    {
        private readonly List<int> _events = [];

        public IReadOnlyList<int> Events
        {
            get
            {
                lock (_events)
                {
                    return [.. _events];
                }
            }
        }

        public bool Fails { get; set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_events)
            {
                _events.Add(eventId.Id);
            }

            if (Fails)
            {
                throw new InvalidOperationException("a log that fails");
            }
        }
    }
}
