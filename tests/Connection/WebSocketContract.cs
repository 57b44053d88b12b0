using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// What .NET code expects of a <see cref="WebSocket"/>: the same assertions hold for the BCL's own and for a connection's. Where they differ on
/// purpose, the assertion says so.
/// </summary>
[TestFixture("BCL", EndpointRole.Server)]
[TestFixture("BCL", EndpointRole.Client)]
[TestFixture("ours", EndpointRole.Server)]
[TestFixture("ours", EndpointRole.Client)]
public sealed class WebSocketContract(string subject, EndpointRole role)
{
    private readonly bool _isOurs = subject == "ours";
    private TrackingPool _pool = null!;
    private PairedPipe _wire = null!;
    private WebSocketConnection? _connection;
    private WebSocket _socket = null!;
    private WebSocket _peer = null!;

    [SetUp]
    public void Connect()
    {
        _pool = new();
        (var own, _wire) = PairedPipe.Create();
        if (_isOurs)
        {
            _connection = new(
                new PipeTransport(own),
                role,
                new() { KeepAliveInterval = Timeout.InfiniteTimeSpan, BufferPool = _pool, MaxMessageSize = 1000 },
                subProtocol: "contract");
            _socket = _connection.AsWebSocket();
        }
        else
        {
            _socket = WebSocket.CreateFromStream(new DuplexStream(own), role == EndpointRole.Server, "contract", Timeout.InfiniteTimeSpan);
        }

        _peer = WebSocket.CreateFromStream(new DuplexStream(_wire), role == EndpointRole.Client, "contract", Timeout.InfiniteTimeSpan);
    }

    [TearDown]
    public async Task Disconnect()
    {
        _socket.Dispose();
        _peer.Dispose();
        if (_connection is not null)
        {
            await Peer.Within(_connection.DisposeAsync());
        }

        _pool.Out.Should().Be(0);
        _pool.Faults.Should().BeEmpty();
    }

    [Test]
    public void It_begins_open_with_the_subprotocol_and_no_close_status()
    {
        _socket.State.Should().Be(WebSocketState.Open);
        _socket.SubProtocol.Should().Be("contract");
        _socket.CloseStatus.Should().BeNull();
        _socket.CloseStatusDescription.Should().BeNull();
        if (_isOurs)
        {
            _connection!.AsWebSocket().Should().BeSameAs(_socket);
        }
    }

    // ---- Receiving.

    [Test]
    public async Task A_message_is_received_with_its_type([Values] bool asText, [Values] bool intoArray)
    {
        var type = asText ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        await _peer.SendAsync("hello"u8.ToArray().AsMemory(), type, endOfMessage: true, default);
        var buffer = new byte[100];
        var (count, receivedType, isEnd) = await ReceiveAsync(buffer, intoArray);
        (count, receivedType, isEnd).Should().Be((5, type, true));
        buffer.AsSpan(0, 5).SequenceEqual("hello"u8).Should().BeTrue();
    }

    [Test]
    public async Task A_message_that_is_longer_than_the_buffer_comes_in_parts([Range(1, 12)] int size, [Values] bool intoArray)
    {
        await _peer.SendAsync("hello world"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        await _peer.SendAsync("next"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        (await ReceiveMessageAsync(size, intoArray)).Should().Be("hello world");
        (await ReceiveMessageAsync(size, intoArray)).Should().Be("next");
    }

    [Test]
    public async Task Fragments_are_parts_of_a_message_and_control_frames_between_them_are_not_seen()
    {
        await WriteAsync(Opcode.Text, "one "u8.ToArray(), final: false);
        await WriteAsync(Opcode.Ping, "?"u8.ToArray());
        await WriteAsync(Opcode.Continuation, "two "u8.ToArray(), final: false);
        await WriteAsync(Opcode.Pong, "!"u8.ToArray());
        await WriteAsync(Opcode.Continuation, "three"u8.ToArray());
        (await ReceiveMessageAsync(100)).Should().Be("one two three");
    }

    [Test]
    public async Task An_empty_last_fragment_ends_the_message()
    {
        await WriteAsync(Opcode.Binary, "all"u8.ToArray(), final: false);
        await WriteAsync(Opcode.Continuation, []);
        var buffer = new byte[100];
        (await ReceiveAsync(buffer)).Should().Be((3, WebSocketMessageType.Binary, false));
        (await ReceiveAsync(buffer)).Should().Be((0, WebSocketMessageType.Binary, true));
    }

    [Test]
    public async Task An_empty_fragment_in_the_middle_changes_nothing()
    {
        await WriteAsync(Opcode.Binary, [], final: false);
        await WriteAsync(Opcode.Continuation, "all"u8.ToArray());
        var buffer = new byte[100];
        if (!_isOurs)
        {
            // The BCL tells of it in a result without bytes. Ours does not: a stream over it would take it for its end.
            (await ReceiveAsync(buffer)).Should().Be((0, WebSocketMessageType.Binary, false));
        }

        (await ReceiveAsync(buffer)).Should().Be((3, WebSocketMessageType.Binary, true));
    }

    [Test]
    public async Task An_empty_message_is_received([Values(0, 1)] int size)
    {
        await _peer.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Text, true, default);
        (await ReceiveAsync(new byte[size])).Should().Be((0, WebSocketMessageType.Text, true));
    }

    [Test]
    public async Task A_receive_of_zero_bytes_waits_for_a_message_and_takes_nothing_of_it()
    {
        var waiting = _socket.ReceiveAsync(Memory<byte>.Empty, default).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        await _peer.SendAsync("hello"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        var result = await Peer.Within(waiting);
        (result.Count, result.MessageType, result.EndOfMessage).Should().Be((0, WebSocketMessageType.Text, false));
        (await ReceiveMessageAsync(100)).Should().Be("hello");
    }

    [Test]
    public async Task A_message_longer_than_the_largest_whole_one_comes_in_parts()
    {
        var payload = Enumerable.Range(0, 200_000).Select(i => (byte)('a' + (i % 26))).ToArray();
        var sending = _peer.SendAsync(payload.AsMemory(), WebSocketMessageType.Binary, true, default).AsTask();
        (await ReceiveMessageAsync(3000)).Should().Be(Encoding.ASCII.GetString(payload));
        await Peer.Within(sending);
    }

    [Test]
    public async Task A_second_receive_beside_a_pending_one_is_a_programming_error()
    {
        var first = ReceiveAsync(new byte[10]);
        var second = ReceiveAsync(new byte[10]);
        if (_isOurs)
        {
            // The documentation allows one receive at a time. The BCL lets the second wait; ours says so.
            await FluentActions.Awaiting(() => second).Should().ThrowAsync<InvalidOperationException>();
        }

        await _peer.SendAsync("a"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        (await Peer.Within(first)).Count.Should().Be(1);
        if (!_isOurs)
        {
            await _peer.SendAsync("b"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
            (await Peer.Within(second)).Count.Should().Be(1);
        }
    }

    [Test]
    public async Task A_cancelled_receive_throws()
    {
        using var cancellation = new CancellationTokenSource();
        var receiving = _socket.ReceiveAsync(new byte[10].AsMemory(), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<OperationCanceledException>();
        await ExpectAbortedOrUsableAsync();
    }

    [Test]
    public async Task A_receive_with_a_token_that_is_cancelled_already_throws()
    {
        await _peer.SendAsync("first"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        await FluentActions.Awaiting(() => _socket.ReceiveAsync(new byte[10].AsMemory(), new(true)).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();
        if (_isOurs)
        {
            (await ReceiveMessageAsync(10)).Should().Be("first");
        }
    }

    [Test]
    public async Task The_end_of_the_bytes_without_a_close_frame_is_premature()
    {
        var receiving = ReceiveAsync(new byte[10]);
        await _wire.Output.CompleteAsync();
        await ExpectErrorAsync(() => receiving, WebSocketError.ConnectionClosedPrematurely);
        _socket.State.Should().Be(WebSocketState.Aborted);
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);
    }

    [Test]
    public async Task A_peer_that_breaks_the_protocol_is_a_fault()
    {
        var receiving = ReceiveAsync(new byte[10]);
        await _wire.Output.WriteAsync(new byte[] { 0xFF, 0x80, 0, 0, 0, 0 });
        await ExpectErrorAsync(() => receiving, WebSocketError.Faulted);
        _socket.State.Should().Be(WebSocketState.Aborted);
    }

    // ---- Sending.

    [Test]
    public async Task A_message_is_sent_with_its_type([Values] bool asText, [Values] bool fromArray)
    {
        var type = asText ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        await SendAsync("hello", type, isEnd: true, fromArray);
        await ExpectAtPeerAsync("hello", type);
    }

    [Test]
    public async Task Fragments_make_one_message([Values] bool fromArray)
    {
        await SendAsync("one ", WebSocketMessageType.Text, isEnd: false, fromArray);
        await SendAsync("", WebSocketMessageType.Text, isEnd: false, fromArray);
        await SendAsync("two", WebSocketMessageType.Text, isEnd: true, fromArray);
        await SendAsync("next", WebSocketMessageType.Binary, isEnd: true, fromArray);
        await ExpectAtPeerAsync("one two", WebSocketMessageType.Text);
        await ExpectAtPeerAsync("next", WebSocketMessageType.Binary);
    }

    [Test]
    public async Task Flags_say_where_a_message_ends()
    {
        await _socket.SendAsync("one "u8.ToArray(), WebSocketMessageType.Text, WebSocketMessageFlags.DisableCompression, default);
        await _socket.SendAsync(
            "two"u8.ToArray(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage | WebSocketMessageFlags.DisableCompression, default);
        await ExpectAtPeerAsync("one two", WebSocketMessageType.Text);
    }

    [Test]
    public async Task A_ping_is_answered_between_two_fragments()
    {
        var receiving = ReceiveAsync(new byte[10]);
        await SendAsync("one ", WebSocketMessageType.Text, isEnd: false);
        await WriteAsync(Opcode.Ping, "?"u8.ToArray());
        await WriteAsync(Opcode.Text, "x"u8.ToArray());
        await Peer.Within(receiving);
        await SendAsync("two", WebSocketMessageType.Text, isEnd: true);
        await ExpectAtPeerAsync("one two", WebSocketMessageType.Text);
    }

    [Test]
    public async Task A_fragment_of_another_type_than_its_message()
    {
        await SendAsync("one ", WebSocketMessageType.Text, isEnd: false);
        if (_isOurs)
        {
            // The BCL takes the first fragment's type. Here it is an error: a message cannot be half text and half binary.
            await FluentActions.Awaiting(() => SendAsync("?", WebSocketMessageType.Binary, isEnd: true)).Should().ThrowAsync<ArgumentException>();
            await SendAsync("two", WebSocketMessageType.Text, isEnd: true);
        }
        else
        {
            await SendAsync("two", WebSocketMessageType.Binary, isEnd: true);
        }

        await ExpectAtPeerAsync("one two", WebSocketMessageType.Text);
    }

    [Test]
    public async Task Sending_a_close_as_a_message_is_a_programming_error([Values] bool fromArray)
    {
        await FluentActions.Awaiting(() => SendAsync("", WebSocketMessageType.Close, true, fromArray)).Should().ThrowAsync<ArgumentException>();
        _socket.State.Should().Be(WebSocketState.Open);
    }

    [Test]
    public async Task A_segment_without_an_array_is_a_programming_error()
    {
        await FluentActions.Awaiting(() => _socket.SendAsync(default(ArraySegment<byte>), WebSocketMessageType.Text, true, default))
            .Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => _socket.ReceiveAsync(default(ArraySegment<byte>), default)).Should().ThrowAsync<ArgumentException>();
        _socket.State.Should().Be(WebSocketState.Open);
    }

    [Test]
    public async Task A_send_with_a_token_that_is_cancelled_already_throws([Values] bool isEnd)
    {
        await FluentActions.Awaiting(
            () => _socket.SendAsync("x"u8.ToArray().AsMemory(), WebSocketMessageType.Text, isEnd, new CancellationToken(true)).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();
        _socket.State.Should().Be(WebSocketState.Open);
        if (!_isOurs && !isEnd)
        {
            // The BCL takes the fragment for sent, and goes on with a message that has not begun.
            return;
        }

        await SendAsync("up", WebSocketMessageType.Text, isEnd: true);
        await ExpectAtPeerAsync("up", WebSocketMessageType.Text);
    }

    [Test]
    public async Task Sends_and_receives_go_on_side_by_side()
    {
        const int Messages = 200;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await SendAsync(new string('a', i * 10), WebSocketMessageType.Text, isEnd: true);
            }
        });
        var peerSending = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await _peer.SendAsync(new byte[i * 10].AsMemory(), WebSocketMessageType.Binary, true, default);
            }
        });
        var peerReceiving = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await ExpectAtPeerAsync(new string('a', i * 10), WebSocketMessageType.Text);
            }
        });
        for (var i = 0; i < Messages; i++)
        {
            (await ReceiveMessageAsync(700)).Should().HaveLength(i * 10);
        }

        await Peer.Within(Task.WhenAll(sending, peerSending, peerReceiving));
    }

    [Test]
    public async Task Several_callers_may_send_whole_messages_at_once()
    {
        // The documentation allows one send at a time; that ours allows more is beyond the contract.
        var callers = _isOurs ? 8 : 1;
        const int Messages = 50;
        var sending = Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await SendAsync($"{caller} {i} {new string('x', i * 300)}", WebSocketMessageType.Text, isEnd: true);
            }
        })).ToArray();
        var next = new int[callers];
        for (var i = 0; i < callers * Messages; i++)
        {
            var parts = (await ReceiveAtPeerAsync()).Text.Split(' ');
            int.Parse(parts[1]).Should().Be(next[int.Parse(parts[0])]++, "each caller's order is kept");
            parts[2].Should().HaveLength(int.Parse(parts[1]) * 300);
        }

        await Peer.Within(Task.WhenAll(sending));
    }

    // ---- Closing.

    [Test]
    public async Task The_peers_close_is_a_result_and_is_answered_by_ones_own_close([Values] bool intoArray, [Values] bool outputOnly)
    {
        await _peer.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "bye", default);
        if (intoArray)
        {
            var result = await Peer.Within(_socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), default));
            (result.Count, result.MessageType, result.EndOfMessage, result.CloseStatus, result.CloseStatusDescription)
                .Should().Be((0, WebSocketMessageType.Close, true, WebSocketCloseStatus.EndpointUnavailable, "bye"));
        }
        else
        {
            (await ReceiveAsync(new byte[10])).Should().Be((0, WebSocketMessageType.Close, true));
        }

        _socket.State.Should().Be(WebSocketState.CloseReceived);
        (_socket.CloseStatus, _socket.CloseStatusDescription).Should().Be((WebSocketCloseStatus.EndpointUnavailable, "bye"));
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);

        await SendAsync("a last word", WebSocketMessageType.Text, isEnd: true);
        await ExpectAtPeerAsync("a last word", WebSocketMessageType.Text);

        var closing = outputOnly
            ? _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "then bye", default)
            : _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "then bye", default);
        (await Peer.Within(_peer.ReceiveAsync(new byte[10].AsMemory(), default))).MessageType.Should().Be(WebSocketMessageType.Close);
        _peer.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
        _peer.CloseStatusDescription.Should().Be("then bye");
        _peer.Dispose();
        await Peer.Within(closing);
        _socket.State.Should().Be(WebSocketState.Closed);
        await ExpectErrorAsync(() => SendAsync("late", WebSocketMessageType.Text, isEnd: true), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default), WebSocketError.InvalidState);
    }

    [Test]
    public async Task A_close_frame_without_a_status_is_told_as_empty()
    {
        await WriteAsync(Opcode.Close, []);
        var result = await Peer.Within(_socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), default));

        // The BCL makes 1000 of it. Ours tells what RFC 6455 §7.1.5 says: "_The WebSocket Connection Close Code_ is considered to be 1005."
        result.CloseStatus.Should().Be(_isOurs ? WebSocketCloseStatus.Empty : WebSocketCloseStatus.NormalClosure);
        result.CloseStatusDescription.Should().BeEmpty();
        _socket.CloseStatus.Should().Be(result.CloseStatus);
    }

    [Test]
    public async Task Closing_discards_what_still_comes_and_waits_for_the_peers_close()
    {
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        await _peer.SendAsync("late"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        closing.IsCompleted.Should().BeFalse();
        _socket.State.Should().Be(WebSocketState.CloseSent);
        await PeerAnswersCloseAsync();
        await Peer.Within(closing);
        _socket.State.Should().Be(WebSocketState.Closed);
        _socket.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task Closing_in_the_middle_of_a_received_message_discards_the_rest_of_it()
    {
        await _peer.SendAsync("hello"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        (await ReceiveAsync(new byte[2])).Should().Be((2, WebSocketMessageType.Text, false));
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        await PeerAnswersCloseAsync();
        await Peer.Within(closing);
        _socket.State.Should().Be(WebSocketState.Closed);
    }

    [Test]
    public async Task Closing_waits_for_a_receive_that_is_pending_beside_it()
    {
        var receiving = ReceiveAsync(new byte[10]);
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        await PeerAnswersCloseAsync();
        (await Peer.Within(receiving)).Type.Should().Be(WebSocketMessageType.Close);
        await Peer.Within(closing);
        _socket.State.Should().Be(WebSocketState.Closed);
    }

    [Test]
    public async Task After_its_own_close_frame_it_goes_on_receiving_until_the_peers()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        _socket.State.Should().Be(WebSocketState.CloseSent);
        await ExpectErrorAsync(() => SendAsync("late", WebSocketMessageType.Text, isEnd: true), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default), WebSocketError.InvalidState);
        for (var i = 0; i < 3; i++)
        {
            await _peer.SendAsync("more"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
            (await ReceiveMessageAsync(3)).Should().Be("more");
        }

        var answering = PeerAnswersCloseAsync();
        (await ReceiveAsync(new byte[10])).Type.Should().Be(WebSocketMessageType.Close);
        await answering;
        _socket.State.Should().Be(WebSocketState.Closed);
    }

    [Test]
    public async Task After_its_own_close_frame_closing_waits_for_the_peers()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        closing.IsCompleted.Should().BeFalse();
        await PeerAnswersCloseAsync();
        await Peer.Within(closing);
        _socket.State.Should().Be(WebSocketState.Closed);
    }

    [Test]
    public async Task A_close_that_the_peer_does_not_answer_but_with_the_end_is_premature()
    {
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        await _wire.Output.CompleteAsync();
        await ExpectErrorAsync(() => closing, WebSocketError.ConnectionClosedPrematurely);
        _socket.State.Should().Be(WebSocketState.Aborted);
    }

    [Test]
    public async Task A_cancelled_close_throws()
    {
        using var cancellation = new CancellationTokenSource();
        var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", cancellation.Token);
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(closing)).Should().ThrowAsync<OperationCanceledException>();

        if (_isOurs)
        {
            // The BCL aborts, at once or soon. Ours goes on closing.
            _socket.State.Should().Be(WebSocketState.CloseSent);
            await PeerAnswersCloseAsync();
            Peer.Until(() => _socket.State == WebSocketState.Closed);
        }
    }

    [TestCase(WebSocketCloseStatus.Empty, "a reason without a status")]
    [TestCase((WebSocketCloseStatus)999, "")]
    [TestCase((WebSocketCloseStatus)1006, "")]
    [TestCase((WebSocketCloseStatus)1015, "")]
    [TestCase(WebSocketCloseStatus.NormalClosure, "the longest reason has 123 bytes, and this one has one more, " +
        "which is one too many, as can be counted by whoever has the time: x")]
    public async Task A_close_that_cannot_be_sent_is_a_programming_error(WebSocketCloseStatus status, string description)
    {
        await FluentActions.Awaiting(() => _socket.CloseAsync(status, description, default)).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => _socket.CloseOutputAsync(status, description, default)).Should().ThrowAsync<ArgumentException>();
        _socket.State.Should().Be(WebSocketState.Open);
    }

    // ---- Aborting and disposing, in every state.

    [Test]
    public async Task Abort_ends_a_pending_receive()
    {
        var receiving = ReceiveAsync(new byte[10]);
        _socket.Abort();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<OperationCanceledException>();
        _socket.State.Should().Be(WebSocketState.Aborted);
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => SendAsync("late", WebSocketMessageType.Text, isEnd: true), WebSocketError.InvalidState);
        _socket.Abort();
    }

    [Test]
    public async Task Abort_in_each_state([Values(WebSocketState.Open, WebSocketState.CloseSent, WebSocketState.CloseReceived, WebSocketState.Closed)] WebSocketState state)
    {
        await BringToAsync(state);
        _socket.Abort();
        _socket.State.Should().Be(state == WebSocketState.Closed ? WebSocketState.Closed : WebSocketState.Aborted);
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);
    }

    [Test]
    public async Task Disposing_in_each_state(
        [Values(WebSocketState.Open, WebSocketState.CloseSent, WebSocketState.CloseReceived, WebSocketState.Closed, WebSocketState.Aborted)] WebSocketState state)
    {
        await BringToAsync(state);
        _socket.Dispose();
        _socket.Dispose();
        _socket.State.Should().Be(state == WebSocketState.Aborted ? WebSocketState.Aborted : WebSocketState.Closed);
        await ExpectErrorAsync(() => ReceiveAsync(new byte[10]), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => SendAsync("late", WebSocketMessageType.Text, isEnd: true), WebSocketError.InvalidState);
        await ExpectErrorAsync(() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default), WebSocketError.InvalidState);
        _socket.Abort();
        _peer.Dispose();
    }

    [Test]
    public async Task Disposing_ends_a_pending_receive_and_tells_the_peer()
    {
        var receiving = ReceiveAsync(new byte[10]);
        _socket.Dispose();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<Exception>();
        await FluentActions.Awaiting(() => Peer.Within(_peer.ReceiveAsync(new byte[10].AsMemory(), default)))
            .Should().ThrowAsync<WebSocketException>();
    }

    [Test]
    public async Task What_was_sent_before_a_half_close_and_a_dispose_arrives()
    {
        await SendAsync("last", WebSocketMessageType.Text, isEnd: true);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", default);
        _socket.Dispose();
        await ExpectAtPeerAsync("last", WebSocketMessageType.Text);
        (await Peer.Within(_peer.ReceiveAsync(new byte[10].AsMemory(), default))).MessageType.Should().Be(WebSocketMessageType.Close);
        _peer.CloseStatusDescription.Should().Be("done");
    }

    private async Task BringToAsync(WebSocketState state)
    {
        switch (state)
        {
            case WebSocketState.CloseSent:
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                break;
            case WebSocketState.CloseReceived:
                await _peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                await ReceiveAsync(new byte[10]);
                break;
            case WebSocketState.Closed:
                var closing = _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                await PeerAnswersCloseAsync();
                await Peer.Within(closing);
                break;
            case WebSocketState.Aborted:
                _socket.Abort();
                break;
        }

        _socket.State.Should().Be(state);
    }

    // The BCL's client waits for the server to end TCP; where it is the peer, that is for the subject's end of TCP, which it has from Dispose.
    private async Task PeerAnswersCloseAsync()
    {
        while ((await Peer.Within(_peer.ReceiveAsync(new byte[100].AsMemory(), default))).MessageType != WebSocketMessageType.Close)
        {
        }

        await Peer.Within(_peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default));
        _peer.Dispose();
    }

    // The BCL aborts where a call that was pending is cancelled. Ours leaves the connection usable.
    private async Task ExpectAbortedOrUsableAsync()
    {
        if (!_isOurs)
        {
            _socket.State.Should().Be(WebSocketState.Aborted);
            return;
        }

        _socket.State.Should().Be(WebSocketState.Open);
        await SendAsync("up", WebSocketMessageType.Text, isEnd: true);
        await ExpectAtPeerAsync("up", WebSocketMessageType.Text);
        await _peer.SendAsync("down"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, default);
        (await ReceiveMessageAsync(100)).Should().Be("down");
    }

    private static async Task ExpectErrorAsync(Func<Task> act, WebSocketError error) =>
        (await FluentActions.Awaiting(() => Peer.Within(act())).Should().ThrowAsync<WebSocketException>()).Which.WebSocketErrorCode.Should().Be(error);

    private async Task WriteAsync(Opcode opcode, byte[] payload, bool final = true) =>
        await _wire.Output.WriteAsync(FrameBytes.To(role, opcode, payload, final));

    private async Task SendAsync(string payload, WebSocketMessageType type, bool isEnd, bool fromArray = false)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        if (fromArray)
        {
            await Peer.Within(_socket.SendAsync(new ArraySegment<byte>(bytes), type, isEnd, default));
        }
        else
        {
            await Peer.Within(_socket.SendAsync(bytes.AsMemory(), type, isEnd, default));
        }
    }

    private async Task<(int Count, WebSocketMessageType Type, bool IsEnd)> ReceiveAsync(byte[] buffer, bool intoArray = false)
    {
        if (intoArray)
        {
            var one = await Peer.Within(_socket.ReceiveAsync(new ArraySegment<byte>(buffer), default));
            return (one.Count, one.MessageType, one.EndOfMessage);
        }

        var other = await Peer.Within(_socket.ReceiveAsync(buffer.AsMemory(), default));
        return (other.Count, other.MessageType, other.EndOfMessage);
    }

    private async Task<string> ReceiveMessageAsync(int size, bool intoArray = false)
    {
        var text = new StringBuilder();
        var buffer = new byte[size];
        while (true)
        {
            var (count, _, isEnd) = await ReceiveAsync(buffer, intoArray);
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (isEnd)
            {
                return text.ToString();
            }
        }
    }

    private async Task ExpectAtPeerAsync(string payload, WebSocketMessageType type) => (await ReceiveAtPeerAsync()).Should().Be((payload, type));

    private async Task<(string Text, WebSocketMessageType Type)> ReceiveAtPeerAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        ValueWebSocketReceiveResult result;
        do
        {
            result = await Peer.Within(_peer.ReceiveAsync(buffer.AsMemory(), default));
            text.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
        }
        while (!result.EndOfMessage);
        return (text.ToString(), result.MessageType);
    }
}
