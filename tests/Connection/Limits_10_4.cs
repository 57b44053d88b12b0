using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

public sealed class Limits_10_4
{
    private const int Limit = 1000;

    [TestCase(new[] { Limit })]
    [TestCase(new[] { Limit, 0 })]
    [TestCase(new[] { Limit / 2, Limit / 2 })]
    [TestCase(new[] { 1, Limit - 1 })]
    public async Task A_message_at_the_limit_is_received(int[] fragments)
    {
        await using var peer = NewPeer();
        await SendFragmentsAsync(peer, fragments);
        (await Peer.Within(peer.Connection.ReceiveAsync())).Payload.Length.Should().Be(Limit);
    }

    [TestCase(new[] { Limit + 1 })]
    [TestCase(new[] { Limit, 1 })]
    [TestCase(new[] { Limit / 2, (Limit / 2) + 1 })]
    [TestCase(new[] { 0, Limit + 1 })]
    public async Task A_message_one_byte_beyond_it_is_refused_with_1009_as_soon_as_a_header_tells(int[] fragments)
    {
        await using var peer = NewPeer();
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        await SendFragmentsAsync(peer, fragments[..^1], ends: false);
        var last = Frame(fragments[^1], fragments.Length == 1 ? Opcode.Binary : Opcode.Continuation, final: true);
        await peer.WriteAsync(last.AsMemory(0, last.Length - fragments[^1]));

        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        await peer.ExpectCloseAsync(1009);
        peer.Connection.Closure!.Cause.Should().Be(CloseCause.ProtocolViolation);
    }

    [TestCase(new[] { Limit + 1 })]
    [TestCase(new[] { Limit, 1 })]
    public async Task As_a_stream_it_is_received_whatever_the_limit(int[] fragments)
    {
        await using var peer = NewPeer();
        await SendFragmentsAsync(peer, fragments);
        await using var stream = await Peer.Within(peer.Connection.ReceiveStreamAsync());
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        content.Length.Should().Be(Limit + 1);
    }

    [Test]
    public async Task A_flood_of_tiny_fragments_is_bounded_in_memory([Values(0, 1)] int length, [Values] bool asStream)
    {
        const int Blocks = 200;
        const int FragmentsInABlock = 1000;
        var pool = new TrackingPool();
        await using var peer = new Peer(EndpointRole.Server, new() { BufferPool = pool });
        var receiving = asStream ? CountAsync(peer.Connection) : LengthAsync(peer.Connection);
        await peer.SendAsync(Opcode.Binary, default, final: false);
        var one = Frame(length, Opcode.Continuation, final: false);
        byte[] block = [.. Enumerable.Repeat(one, FragmentsInABlock).SelectMany(frame => frame)];

        // All of it runs on this thread.
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Blocks; i++)
        {
            await peer.WriteAsync(block);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().BeLessThan(Blocks * FragmentsInABlock * 8L, "no fragment costs an object");
        pool.BytesOut.Should().BeLessThan(1024 * 1024);
        receiving.IsCompleted.Should().BeFalse();

        await peer.SendAsync(Opcode.Continuation, default);
        await Peer.Within(receiving);
        (await receiving).Should().Be(Blocks * FragmentsInABlock * length);
    }

    [Test]
    public async Task One_fragment_too_many_is_refused_with_1008()
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxFragmentsPerMessage = 10 });
        var receiving = peer.Connection.ReceiveAsync().AsTask();
        await SendFragmentsAsync(peer, new int[10], ends: false);
        receiving.IsCompleted.Should().BeFalse();
        await peer.SendAsync(Opcode.Continuation, default);
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        await peer.ExpectCloseAsync(1008);
    }

    [Test]
    public async Task A_thousand_frames_that_declare_a_gibibyte_are_given_memory_only_for_what_has_arrived()
    {
        const int Connections = 1000;
        const int Declared = 1 << 30;
        var pool = new TrackingPool();
        var options = new WebSocketConnectionOptions
        {
            MaxMessageSize = Declared,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            BufferPool = pool,
        };
        var header = new byte[FrameHeader.MaxSize];
        new FrameHeader(IsFinal: true, Opcode.Binary, IsMasked: true, MaskKey: 1, Declared).Write(header).Should().Be(header.Length);
        var peers = Enumerable.Range(0, Connections).Select(_ => new Peer(EndpointRole.Server, options)).ToList();
        var receiving = peers.Select(peer => peer.Connection.ReceiveAsync().AsTask()).ToList();
        foreach (var peer in peers)
        {
            await peer.WriteAsync(header);
        }

        pool.BytesOut.Should().Be(0);
        foreach (var peer in peers)
        {
            await peer.WriteAsync(new byte[1]);
        }

        pool.BytesOut.Should().BeLessThanOrEqualTo(Connections * 4096L);
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }

        receiving.Should().OnlyContain(receive => receive.IsFaulted);
        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task What_waits_for_a_peer_that_does_not_read_takes_no_more_buffers_than_the_bound_allows(
        [Values(10, 1100)] int broadcast, [Values] bool dropOldest, [Values(3_000, 100_000)] int first)
    {
        const int Bound = 1024 * 1024;
        var pool = new TrackingPool();
        var pair = WebSocketConnection.CreatePair(new() { BufferPool = pool, MaxOutgoingBytes = Bound, KeepAliveInterval = Timeout.InfiniteTimeSpan });

        // The first ones are being written, and tell how much the next write may be.
        pair.Server.TrySend(new byte[first], WebSocketMessageType.Binary).Should().BeTrue();
        pair.Server.TrySend(new byte[first], WebSocketMessageType.Binary).Should().BeTrue();
        int sent = 0, broadcasts = 0, dropped = 0;
        while (sent < 10_000
            && pair.Server.TrySend(PreparedMessage.FromBinary(Numbered(broadcasts, broadcast)), dropOldest, out var gone) == TrySendResult.Accepted)
        {
            broadcasts++;
            dropped += gone;
            if (!pair.Server.TrySend(Numbered(sent, length: 5), WebSocketMessageType.Binary))
            {
                break;
            }

            sent++;
        }

        broadcasts.Should().BeGreaterThan(100, "there is room for as many");
        pool.Most.Should().BeLessThan(Bound + (256 * 1024), "the bound, and a buffer or two at each end that are not full");

        for (var i = 0; i < 2; i++)
        {
            (await Peer.Within(pair.Client.ReceiveAsync())).Payload.Length.Should().Be(first);
        }

        int nextSent = 0, nextBroadcast = 0, received = 0;
        while (nextSent < sent)
        {
            var payload = (await Peer.Within(pair.Client.ReceiveAsync())).Payload;
            var number = BitConverter.ToInt32(payload.Span);
            if (payload.Length == 5)
            {
                number.Should().Be(nextSent++);
            }
            else
            {
                payload.Length.Should().Be(broadcast);
                number.Should().BeGreaterThanOrEqualTo(nextBroadcast);
                nextBroadcast = number + 1;
                received++;
            }
        }

        (broadcasts - dropped - received).Should().BeInRange(0, 1, "one may come behind the last of the others");
        await Task.WhenAll(pair.Server.DisposeAsync().AsTask(), pair.Client.DisposeAsync().AsTask());
        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task A_message_whose_header_was_read_for_a_stream_that_was_given_up_has_the_limit_too()
    {
        await using var peer = NewPeer();
        using var givenUp = new CancellationTokenSource();
        var streaming = peer.Connection.ReceiveStreamAsync(givenUp.Token).AsTask();
        var frame = Frame(Limit + 1, Opcode.Binary, final: true);
        await peer.WriteAsync(frame.AsMemory(0, 8));
        await givenUp.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(streaming)).Should().ThrowAsync<OperationCanceledException>();

        await peer.WriteAsync(frame.AsMemory(8));

        await FluentActions.Awaiting(() => Peer.Within(peer.Connection.ReceiveAsync())).Should().ThrowAsync<ConnectionClosedException>();
        await peer.ExpectCloseAsync(1009);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_peer_that_does_not_read_keeps_no_more_of_short_broadcasts_than_is_counted(bool droppable)
    {
        const int Bound = 256 * 1024;
        var connection = new WebSocketConnection(
            new StuckTransport(), EndpointRole.Server, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, MaxOutgoingBytes = Bound });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var taken = 0;
        while (TrySend())
        {
            taken++;
        }

        taken.Should().BeGreaterThan(100);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(3 * Bound);
        GC.KeepAlive(connection);

        // Every so many go to this one, the others to somebody else: each lies in a block of its own.
        bool TrySend()
        {
            for (var i = 0; i < 160; i++)
            {
                _ = PreparedMessage.FromBinary(new byte[100]);
            }

            return connection.TrySend(PreparedMessage.FromBinary(new byte[100]), droppable, out var dropped) == TrySendResult.Accepted && dropped == 0;
        }
    }

    private static byte[] Numbered(int number, int length)
    {
        var payload = new byte[length];
        BitConverter.TryWriteBytes(payload, number).Should().BeTrue();
        return payload;
    }

    private static Peer NewPeer() => new(EndpointRole.Server, new() { MaxMessageSize = Limit });

    private static byte[] Frame(int length, Opcode opcode, bool final) =>
        FrameBytes.To(EndpointRole.Server, opcode, new byte[length], final);

    private static async Task SendFragmentsAsync(Peer peer, int[] lengths, bool ends = true)
    {
        for (var i = 0; i < lengths.Length; i++)
        {
            await peer.WriteAsync(Frame(lengths[i], i == 0 ? Opcode.Binary : Opcode.Continuation, ends && i == lengths.Length - 1));
        }
    }

    private static async Task<int> LengthAsync(WebSocketConnection connection) => (await connection.ReceiveAsync()).Payload.Length;

    private static async Task<int> CountAsync(WebSocketConnection connection)
    {
        await using var stream = await connection.ReceiveStreamAsync();
        var buffer = new byte[4096];
        var total = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            total += read;
        }

        return total;
    }

    // Takes nothing.
    private sealed class StuckTransport : Transport
    {
        private readonly Pipe _input = new();

        public override PipeReader Input => _input.Reader;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes) => new(new TaskCompletionSource().Task);

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _input.Writer.Complete();

        public override ValueTask DisposeAsync() => default;
    }
}
