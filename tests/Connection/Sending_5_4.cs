using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

public sealed class Sending_5_4
{
    [Test]
    public async Task What_is_only_gathered_does_not_make_its_peer_a_slow_one()
    {
        await using var peer = new Peer(options: new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, MaxOutgoingBytes = 1024 });
        var accepted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = HandleAsync();

        await peer.SendAsync(Opcode.Text, "go"u8.ToArray());

        (await Peer.Within(accepted.Task)).Should().BeTrue("the peer takes at once whatever is written");
        peer.EndInput();
        await Peer.Within(handler);

        async Task HandleAsync()
        {
            await foreach (var message in peer.Connection.ReadAllAsync().ConfigureAwait(false))
            {
                accepted.SetResult(peer.Connection.TrySend(new byte[300], message.Type) && peer.Connection.TrySend(new byte[900], message.Type));
            }
        }
    }

    [Test]
    public async Task Text_that_is_sent_allocates_nothing_and_is_encoded_whole_whatever_its_length()
    {
        var pool = new TrackingPool();
        var transport = new CountingTransport();
        await using var connection = new WebSocketConnection(
            transport, EndpointRole.Server, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, BufferPool = pool });
        foreach (var text in new[] { "", "grüß 你好 🙂", "a lone \uD800 surrogate", new string('好', 50_000) })
        {
            await connection.SendAsync(text);

            transport.Last.Should().EndWith(Encoding.UTF8.GetBytes(text));
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();

        await using var usual = new WebSocketConnection(new CountingTransport(), EndpointRole.Server, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var least = long.MaxValue;
        for (var round = 0; round < 200; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var send = usual.SendAsync("grüß 你好");
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            await send;
        }

        least.Should().Be(0);
        connection.Abort();
        usual.Abort();
    }

    [Test]
    public async Task What_others_are_sent_goes_out_though_the_input_that_it_came_from_does_not_end()
    {
        await using var busy = new Peer();
        await using var other = new Peer();
        var waiting = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = HandleAsync();

        await busy.SendAsync(Opcode.Text, "first"u8.ToArray());

        (await Peer.Within(waiting.Task)).Should().Be(0, "the second piece of input was there before the first was done");
        busy.EndInput();
        await Peer.Within(handler);

        async Task HandleAsync()
        {
            await foreach (var message in busy.Connection.ReadAllAsync().ConfigureAwait(false))
            {
                if (message.Span.SequenceEqual("first"u8))
                {
                    other.Connection.TrySend("news"u8.ToArray(), WebSocketMessageType.Text).Should().BeTrue();
                    await busy.SendAsync(Opcode.Text, "second"u8.ToArray()).ConfigureAwait(false);
                    continue;
                }

                waiting.TrySetResult(other.Connection.OutgoingBytes);
            }
        }
    }

    [Test]
    public async Task Messages_of_many_callers_never_interleave_and_each_callers_order_is_kept()
    {
        const int Callers = 16;
        const int Messages = 200;
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 64 * 1024 }, outgoingCapacity: 32 * 1024);
        var sending = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                // Short ones are copied, long ones are sent from where they lie.
                var payload = new byte[i % 10 == 0 ? 20_000 : 100];
                Array.Fill(payload, (byte)caller);
                BitConverter.TryWriteBytes(payload, i);
                await peer.Connection.SendAsync(payload, WebSocketMessageType.Binary);
                Array.Fill(payload, (byte)0xEE);
            }
        })).ToArray();

        var next = new int[Callers];
        for (var i = 0; i < Callers * Messages; i++)
        {
            var (_, payload) = await peer.ExpectFrameAsync();
            int caller = payload[^1];
            payload.AsSpan(4).ContainsAnyExcept((byte)caller).Should().BeFalse("a message is one caller's");
            BitConverter.ToInt32(payload).Should().Be(next[caller]++);
        }

        await Peer.Within(Task.WhenAll(sending));
    }

    [Test]
    public async Task A_send_waits_for_room_and_a_try_send_says_no()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 4096 }, outgoingCapacity: 1);
        await Peer.Within(peer.Connection.SendAsync(new byte[1000], WebSocketMessageType.Binary));
        while (peer.Connection.TrySend(new byte[500], WebSocketMessageType.Binary))
        {
            peer.Connection.OutgoingBytes.Should().BeLessThanOrEqualTo(4096);
        }

        using var cancellation = new CancellationTokenSource();
        var given = peer.Connection.SendAsync(new byte[1000], WebSocketMessageType.Binary, cancellation.Token).AsTask();
        var waiting = peer.Connection.SendAsync(Encoding.ASCII.GetBytes(new string('w', 1000)), WebSocketMessageType.Text).AsTask();
        given.IsCompleted.Should().BeFalse();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(given)).Should().ThrowAsync<OperationCanceledException>();
        waiting.IsCompleted.Should().BeFalse();

        // The peer reads: what waits gets its turn, and what was given up never comes.
        (Opcode Opcode, byte[] Payload) frame;
        var binary = 0;
        while ((frame = await peer.ExpectFrameAsync()).Opcode == Opcode.Binary)
        {
            binary += frame.Payload.Length == 1000 ? 1 : 0;
        }

        frame.Payload.Should().HaveCount(1000);
        binary.Should().Be(1);
        await Peer.Within(waiting);
    }

    [Test]
    public async Task A_send_that_has_begun_goes_on_though_its_token_is_cancelled()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 4096 }, outgoingCapacity: 1);
        await Peer.Within(peer.Connection.SendAsync(new byte[1000], WebSocketMessageType.Binary));
        using var cancellation = new CancellationTokenSource();
        var payload = Enumerable.Repeat((byte)'b', 10_000).ToArray();
        var send = peer.Connection.SendAsync(payload, WebSocketMessageType.Binary, cancellation.Token).AsTask();

        (await peer.ExpectFrameAsync()).Payload.Should().HaveCount(1000);
        Peer.Until(() => peer.Connection.OutgoingBytes > payload.Length);
        await cancellation.CancelAsync();

        send.IsCompleted.Should().BeFalse();
        (await peer.ExpectFrameAsync()).Payload.Should().Equal(payload);
        await Peer.Within(send);
    }

    [Test]
    public async Task A_stream_goes_out_in_fragments_and_others_wait_while_pings_do_not()
    {
        await using var peer = new Peer();
        var source = new PausingStream(new byte[40_000]);
        var streaming = peer.Connection.SendAsync(source, WebSocketMessageType.Binary).AsTask();
        var (first, _) = (await peer.ReadFrameAsync())!.Value;
        (first.Opcode, first.IsFinal).Should().Be((Opcode.Binary, false));

        var other = peer.Connection.SendAsync("other").AsTask();
        peer.Connection.TrySend(PreparedMessage.FromText("held")).Should().BeTrue();
        peer.Connection.TryPing("p"u8).Should().BeTrue();
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
        other.IsCompleted.Should().BeFalse();

        source.Go();
        (FrameHeader Header, byte[] Payload) fragment;
        do
        {
            fragment = (await peer.ReadFrameAsync())!.Value;
            fragment.Header.Opcode.Should().Be(Opcode.Continuation);
        }
        while (!fragment.Header.IsFinal);

        await Peer.Within(streaming);
        Encoding.UTF8.GetString((await peer.ExpectFrameAsync()).Payload).Should().Be("held");
        Encoding.UTF8.GetString((await peer.ExpectFrameAsync()).Payload).Should().Be("other");
        await Peer.Within(other);
    }

    [Test]
    public async Task A_client_masks_every_frame_with_a_key_of_its_own()
    {
        await using var peer = new Peer(EndpointRole.Client);
        var keys = new HashSet<uint>();
        for (var i = 0; i < 100; i++)
        {
            await Peer.Within(peer.Connection.SendAsync($"message {i}"));
            var (header, payload) = (await peer.ReadFrameAsync())!.Value;
            header.IsMasked.Should().BeTrue();
            Encoding.UTF8.GetString(payload).Should().Be($"message {i}");
            keys.Add(header.MaskKey);
        }

        keys.Should().HaveCountGreaterThan(95);
    }

    [Test]
    public async Task A_flood_of_pings_from_a_peer_that_does_not_read_is_bounded_and_the_last_one_is_answered()
    {
        await using var peer = new Peer(EndpointRole.Server, null, outgoingCapacity: 1);
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        for (var i = 0; i < 20_000; i++)
        {
            await peer.SendAsync(Opcode.Ping, BitConverter.GetBytes(i));
        }

        await peer.SendAsync(Opcode.Text, "end"u8.ToArray());
        (await receiving).Text.Should().Be("end");
        peer.Connection.OutgoingBytes.Should().BeLessThan(32 * 1024);

        var last = -1;
        while (last != 19_999)
        {
            var (opcode, payload) = await peer.ExpectFrameAsync();
            opcode.Should().Be(Opcode.Pong);
            BitConverter.ToInt32(payload).Should().BeGreaterThan(last, "pongs keep the order of the pings");
            last = BitConverter.ToInt32(payload);
        }
    }

    [Test]
    public async Task No_pong_follows_the_answer_to_a_newer_ping_after_a_flood()
    {
        await using var peer = new Peer(EndpointRole.Server, null, outgoingCapacity: 1);
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        for (var i = 0; i < 5000; i++)
        {
            await peer.SendAsync(Opcode.Ping, BitConverter.GetBytes(i));
        }

        // The first pong is taken: those that wait go on their way, without the newest, which is kept. Then another ping comes.
        var waiting = peer.Connection.OutgoingBytes;
        BitConverter.ToInt32((await peer.ExpectFrameAsync()).Payload).Should().Be(0);
        Peer.Until(() => peer.Connection.OutgoingBytes < waiting);
        await peer.SendAsync(Opcode.Ping, BitConverter.GetBytes(5000));

        var last = 0;
        while (last != 5000)
        {
            var (opcode, payload) = await peer.ExpectFrameAsync();
            opcode.Should().Be(Opcode.Pong);
            BitConverter.ToInt32(payload).Should().BeGreaterThan(last, "pongs keep the order of the pings");
            last = BitConverter.ToInt32(payload);
        }

        Peer.Until(() => peer.Connection.OutgoingBytes == 0);
        await peer.SendAsync(Opcode.Text, "end"u8.ToArray());
        (await receiving).Text.Should().Be("end");
        await Peer.Within(peer.Connection.SendAsync("marker"));
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Text);
    }

    [Test]
    public async Task A_control_frame_goes_behind_a_shared_frame_that_waits()
    {
        await using var peer = new Peer(EndpointRole.Server, null, outgoingCapacity: 1);
        for (var i = 0; i < 3; i++)
        {
            peer.Connection.TrySend(PreparedMessage.FromBinary(new byte[2000])).Should().BeTrue();
            peer.Connection.TryPing("p"u8).Should().BeTrue();
        }

        for (var i = 0; i < 3; i++)
        {
            (await peer.ExpectFrameAsync()).Payload.Should().HaveCount(2000);
            (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
        }
    }

    [Test]
    public async Task A_stream_is_sent_to_its_end_though_what_is_held_behind_it_fills_the_bound()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 32 * 1024 });
        var source = new PausingStream(new byte[100_000]);
        var streaming = peer.Connection.SendAsync(source, WebSocketMessageType.Binary).AsTask();
        await peer.ReadFrameAsync();
        var held = 0;
        while (peer.Connection.TrySend(new byte[1000], WebSocketMessageType.Text))
        {
            held++;
        }

        held.Should().BeInRange(10, 32);
        source.Go();
        await Peer.Within(streaming);
        while (!(await peer.ReadFrameAsync())!.Value.Header.IsFinal)
        {
            // The rest of the stream.
        }

        for (; held > 0; held--)
        {
            (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Text);
        }
    }

    [Test]
    public async Task A_stream_ends_with_its_last_fragment_whatever_size_of_buffer_the_pool_gives()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { BufferPool = new GenerousPool() });
        var streaming = peer.Connection.SendAsync(new MemoryStream(new byte[100_000]), WebSocketMessageType.Binary).AsTask();
        var total = 0;
        (FrameHeader Header, byte[] Payload) fragment;
        do
        {
            fragment = (await peer.ReadFrameAsync())!.Value;
            total += fragment.Payload.Length;
        }
        while (!fragment.Header.IsFinal);

        total.Should().Be(100_000);
        await Peer.Within(streaming);
    }

    [Test]
    public async Task A_handler_that_sends_more_than_the_bound_at_once_is_not_told_that_the_buffer_is_full_while_the_peer_reads()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 8 * 1024 });
        var handling = Task.Run(async () =>
        {
            await foreach (var message in peer.Connection.ReadAllAsync())
            {
                for (var i = 0; i < 20; i++)
                {
                    peer.Connection.TrySend(new byte[1000], WebSocketMessageType.Binary).Should().BeTrue("message {0} has room", i);
                }
            }
        });
        await peer.SendAsync(Opcode.Text, "go"u8.ToArray());
        for (var i = 0; i < 20; i++)
        {
            (await peer.ExpectFrameAsync()).Payload.Should().HaveCount(1000);
        }

        await peer.SendCloseAsync(1000);
        await Peer.Within(handling);
    }

    [Test]
    public async Task Many_short_shared_frames_are_bounded_by_what_they_cost_not_by_their_bytes()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 64 * 1024 }, outgoingCapacity: 1);
        var message = PreparedMessage.FromText("short");
        var accepted = 0;
        while (peer.Connection.TrySend(message, dropOldest: true, out var dropped) == TrySendResult.Accepted && dropped == 0)
        {
            accepted++;
        }

        accepted.Should().BeLessThan(64 * 1024 / 128 + 10);
    }

    [Test]
    public async Task Nothing_is_dropped_for_a_message_that_would_not_fit_even_then()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 4096 }, outgoingCapacity: 1);
        await Peer.Within(peer.Connection.SendAsync(new byte[100], WebSocketMessageType.Binary));
        peer.Connection.TrySend(PreparedMessage.FromText("older"), dropOldest: true, out _).Should().Be(TrySendResult.Accepted);
        var before = peer.Connection.OutgoingBytes;

        peer.Connection.TrySend(PreparedMessage.FromBinary(new byte[4096]), dropOldest: true, out var dropped).Should().Be(TrySendResult.Full);
        dropped.Should().Be(0);
        peer.Connection.OutgoingBytes.Should().Be(before);

        (await peer.ExpectFrameAsync()).Payload.Should().HaveCount(100);
        Encoding.UTF8.GetString((await peer.ExpectFrameAsync()).Payload).Should().Be("older");
    }

    [Test]
    public async Task The_oldest_give_way_also_while_they_are_held_behind_a_stream()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 4096 });
        var source = new PausingStream(new byte[20_000]);
        var streaming = peer.Connection.SendAsync(source, WebSocketMessageType.Binary).AsTask();
        await peer.ReadFrameAsync();
        Peer.Until(() => peer.Connection.OutgoingBytes == 0);

        var dropped = 0;
        for (var i = 0; i < 10; i++)
        {
            peer.Connection.TrySend(PreparedMessage.FromBinary(Numbered(i)), dropOldest: true, out var now).Should().Be(TrySendResult.Accepted);
            dropped += now;
        }

        dropped.Should().Be(7, "three messages of 1,000 bytes and what they cost have room");
        source.Go();
        await Peer.Within(streaming);
        while (!(await peer.ReadFrameAsync())!.Value.Header.IsFinal)
        {
            // The rest of the stream.
        }

        for (var i = dropped; i < 10; i++)
        {
            BitConverter.ToInt32((await peer.ExpectFrameAsync()).Payload).Should().Be(i);
        }
    }

    [Test]
    public async Task Nothing_is_written_after_a_write_has_failed_not_even_by_a_send_that_comes_while_the_connection_ends()
    {
        var time = new HookedTime();
        var transport = new FailingTransport();
        await using var connection = new WebSocketConnection(transport, EndpointRole.Server, new() { TimeProvider = time });
        var between = default(Task);

        // The keepalive's timer is stopped when the only connection of its clock ends.
        time.OnceAtStop = () => between = connection.SendAsync(new byte[20_000], WebSocketMessageType.Binary).AsTask();
        connection.TrySend("x"u8.ToArray(), WebSocketMessageType.Text).Should().BeTrue();

        transport.Writes.Should().Be(1);
        await FluentActions.Awaiting(() => Peer.Within(between!)).Should().ThrowAsync<ConnectionClosedException>();
        connection.Closure!.Cause.Should().Be(CloseCause.ConnectionLost);
    }

    private static byte[] Numbered(int number)
    {
        var payload = new byte[1000];
        BitConverter.TryWriteBytes(payload, number);
        return payload;
    }

    private sealed class GenerousPool : System.Buffers.ArrayPool<byte>
    {
        public override byte[] Rent(int minimumLength) => new byte[(2 * minimumLength) + 7];

        public override void Return(byte[] array, bool clearArray = false)
        {
        }
    }

    // Gives the first fragment's bytes, then waits to be told to go on.

    // Takes everything at once, and remembers the last write without allocating.
    private sealed class CountingTransport : Transport
    {
        private readonly Pipe _input = new();
        private readonly byte[] _last = new byte[200_000];
        private int _length;

        public byte[] Last => _last[.._length];

        public override PipeReader Input => _input.Reader;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
        {
            bytes.CopyTo(_last);
            _length = (int)bytes.Length;
            return default;
        }

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _input.Writer.Complete();

        public override ValueTask DisposeAsync() => default;
    }
}
