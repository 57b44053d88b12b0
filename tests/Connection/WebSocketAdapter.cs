using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

using Microsoft.Extensions.Time.Testing;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>What a connection's <see cref="WebSocket"/> does beyond the contract that it shares with the BCL's.</summary>
public sealed class WebSocketAdapter
{
    [Test]
    public async Task A_cancelled_receive_loses_nothing_also_after_ones_own_close_frame([Values] bool isHalfClosed)
    {
        await using var peer = new Peer();
        var socket = peer.Connection.AsWebSocket();
        if (isHalfClosed)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }

        using var cancellation = new CancellationTokenSource();
        var receiving = socket.ReceiveAsync(new byte[10].AsMemory(), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<OperationCanceledException>();

        await peer.SendAsync(Opcode.Text, "still here"u8.ToArray());
        var result = await Peer.Within(socket.ReceiveAsync(new byte[10].AsMemory(), default));
        (result.Count, result.EndOfMessage).Should().Be((10, true));
        await peer.SendCloseAsync(1000);
        (await Peer.Within(socket.ReceiveAsync(new byte[10].AsMemory(), default))).MessageType.Should().Be(WebSocketMessageType.Close);
        peer.Connection.State.Should().Be(isHalfClosed ? WebSocketState.Closed : WebSocketState.CloseReceived);
    }

    [Test]
    public async Task Ending_ones_own_output_takes_no_time_from_the_peer_and_closing_does()
    {
        var time = new FakeTimeProvider();
        await using var peer = new Peer(
            EndpointRole.Server,
            new() { TimeProvider = time, CloseTimeout = TimeSpan.FromSeconds(5), KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var socket = peer.Connection.AsWebSocket();
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        time.Advance(TimeSpan.FromHours(1));
        socket.State.Should().Be(WebSocketState.CloseSent);

        var closing = socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        time.Advance(TimeSpan.FromSeconds(5));
        var failed = await FluentActions.Awaiting(() => Peer.Within(closing)).Should().ThrowAsync<WebSocketException>();
        failed.Which.WebSocketErrorCode.Should().Be(WebSocketError.ConnectionClosedPrematurely);
        failed.Which.InnerException.Should().BeOfType<ConnectionClosedException>().Which.Closure!.Cause.Should().Be(CloseCause.CloseTimeout);
    }

    [Test]
    public async Task A_peer_that_is_silent_behind_ones_own_close_frame_is_noticed_by_the_keepalive()
    {
        var time = new FakeTimeProvider();
        await using var peer = new Peer(
            EndpointRole.Server,
            new() { TimeProvider = time, KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        var socket = peer.Connection.AsWebSocket();
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        var receiving = socket.ReceiveAsync(new byte[10].AsMemory(), default).AsTask();
        time.Advance(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(19));
        receiving.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<WebSocketException>())
            .Which.WebSocketErrorCode.Should().Be(WebSocketError.ConnectionClosedPrematurely);
    }

    [Test]
    public async Task A_close_that_the_user_does_not_answer_is_answered_when_the_connection_is_closed_or_disposed([Values] bool isDisposed)
    {
        await using var peer = new Peer(EndpointRole.Server, new() { TimeProvider = new FakeTimeProvider() });
        var socket = peer.Connection.AsWebSocket();
        await peer.SendCloseAsync(3000);
        (await Peer.Within(socket.ReceiveAsync(new byte[10].AsMemory(), default))).MessageType.Should().Be(WebSocketMessageType.Close);
        peer.Connection.Closure.Should().BeNull();
        peer.EndInput();
        await Peer.Within(isDisposed ? peer.Connection.DisposeAsync() : peer.Connection.CloseAsync(WebSocketCloseStatus.NormalClosure));
        await peer.ExpectCloseAsync(1000);
        peer.Connection.Closure.Should().Be(new WebSocketClosure(
            CloseCause.ClosingHandshake, CloseInitiator.Remote, (WebSocketCloseStatus)3000, "", null));
    }

    [Test]
    public async Task A_receive_behind_a_close_that_has_begun_gets_the_close()
    {
        await using var peer = new Peer();
        var socket = peer.Connection.AsWebSocket();
        var closing = socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        var receiving = socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), default);
        receiving.IsCompleted.Should().BeFalse();
        await peer.SendCloseAsync(1000);
        (await Peer.Within(receiving)).CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
        await Peer.Within(closing);
    }

    [Test]
    public async Task A_send_that_is_cancelled_while_it_waits_for_room_has_sent_nothing([Values] bool isFragment, [Values] bool isFirst)
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 1024, KeepAliveInterval = Timeout.InfiniteTimeSpan }, outgoingCapacity: 1);
        var socket = peer.Connection.AsWebSocket();
        if (!isFirst)
        {
            await socket.SendAsync("begun "u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: false, default);
        }

        var filling = socket.SendAsync(new byte[isFirst ? 1000 : 0].AsMemory(), WebSocketMessageType.Text, endOfMessage: isFirst, default).AsTask();
        await Peer.Within(filling);
        var fill = new byte[1100];
        Array.Fill(fill, (byte)' ');
        if (!isFirst)
        {
            await Peer.Within(socket.SendAsync(fill.AsMemory(0, 1000), WebSocketMessageType.Text, endOfMessage: false, default));
        }

        using var cancellation = new CancellationTokenSource();
        var waiting = socket.SendAsync(fill.AsMemory(), WebSocketMessageType.Text, !isFragment, cancellation.Token).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(waiting)).Should().ThrowAsync<OperationCanceledException>();
        var last = socket.SendAsync("last"u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default).AsTask();

        using var message = new MemoryStream();
        var messages = new List<string>();
        while (messages.LastOrDefault()?.EndsWith("last", StringComparison.Ordinal) != true)
        {
            var (header, payload) = (await peer.ReadFrameAsync())!.Value;
            message.Write(payload);
            if (header.IsFinal)
            {
                messages.Add(Encoding.UTF8.GetString(message.ToArray()).Trim(' ', '\0'));
                message.SetLength(0);
            }
        }

        await Peer.Within(last);
        messages.Should().Equal(isFirst ? ["", "last"] : ["begun " + new string(' ', 1000) + "last"]);
    }

    // Over TCP, where a reset destroys what is on its way.
    [Test]
    public async Task A_close_frame_is_not_lost_when_the_socket_is_disposed_behind_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var pool = new TrackingPool();
        await using (var connection = new WebSocketConnection(
            new SocketTransport(await listener.AcceptSocketAsync(), pool), EndpointRole.Server, new() { BufferPool = pool }))
        {
            using var peer = WebSocket.CreateFromStream(client.GetStream(), isServer: false, subProtocol: null, Timeout.InfiniteTimeSpan);
            await peer.SendAsync(new byte[100_000].AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, default);
            var socket = connection.AsWebSocket();
            await Peer.Within(socket.ReceiveAsync(new byte[10].AsMemory(), default));
            await socket.SendAsync("last"u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", default);
            socket.Dispose();

            (await Peer.Within(peer.ReceiveAsync(new byte[10].AsMemory(), default))).Count.Should().Be(4);
            (await Peer.Within(peer.ReceiveAsync(new byte[10].AsMemory(), default))).MessageType.Should().Be(WebSocketMessageType.Close);
            peer.CloseStatusDescription.Should().Be("done");
            await Peer.Within(peer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default));
            peer.Dispose();
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task What_the_connection_itself_sends_waits_for_the_end_of_a_message_in_fragments()
    {
        await using var peer = new Peer();
        var socket = peer.Connection.AsWebSocket();
        await socket.SendAsync("one "u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: false, default);
        var between = peer.Connection.SendAsync("between").AsTask();
        peer.Connection.TryPing().Should().BeTrue();
        await FluentActions.Awaiting(() => peer.Connection.SendAsync(new MemoryStream(), WebSocketMessageType.Binary).AsTask())
            .Should().ThrowAsync<InvalidOperationException>();
        await socket.SendAsync("two"u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
        await Peer.Within(between);
        (await peer.ExpectFrameAsync()).Should().BeEquivalentTo((Opcode.Text, "one "u8.ToArray()));
        (await peer.ExpectFrameAsync()).Opcode.Should().Be(Opcode.Ping);
        (await peer.ExpectFrameAsync()).Should().BeEquivalentTo((Opcode.Continuation, "two"u8.ToArray()));
        (await peer.ExpectFrameAsync()).Should().BeEquivalentTo((Opcode.Text, "between"u8.ToArray()));
    }

    [Test]
    public async Task A_message_in_fragments_cannot_begin_while_a_stream_is_sent()
    {
        await using var peer = new Peer();
        var socket = peer.Connection.AsWebSocket();
        var content = new System.IO.Pipelines.Pipe();
        var sending = peer.Connection.SendAsync(content.Reader.AsStream(), WebSocketMessageType.Text).AsTask();
        await FluentActions.Awaiting(
            () => socket.SendAsync(new byte[1].AsMemory(), WebSocketMessageType.Text, endOfMessage: false, default).AsTask())
            .Should().ThrowAsync<InvalidOperationException>();
        await content.Writer.CompleteAsync();
        await Peer.Within(sending);
        await Peer.Within(socket.SendAsync(new byte[1].AsMemory(), WebSocketMessageType.Text, endOfMessage: false, default));
    }

    [Test]
    public async Task A_send_that_waits_for_room_fails_when_the_connection_ends([Values] bool isAborted)
    {
        await using var peer = new Peer(EndpointRole.Server, new() { MaxOutgoingBytes = 1024, KeepAliveInterval = Timeout.InfiniteTimeSpan }, outgoingCapacity: 1);
        var socket = peer.Connection.AsWebSocket();
        await Peer.Within(socket.SendAsync(new byte[1000].AsMemory(), WebSocketMessageType.Binary, true, default));
        var waiting = socket.SendAsync(new byte[1000].AsMemory(), WebSocketMessageType.Binary, true, default).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        if (isAborted)
        {
            socket.Abort();
            await FluentActions.Awaiting(() => Peer.Within(waiting)).Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            peer.Connection.StartClose(WebSocketCloseStatus.NormalClosure);
            (await FluentActions.Awaiting(() => Peer.Within(waiting)).Should().ThrowAsync<WebSocketException>())
                .Which.WebSocketErrorCode.Should().Be(WebSocketError.InvalidState);
            socket.Abort();
        }
    }

    // Whatever happens when: nothing hangs, nothing is lent that was given back, every buffer comes back.
    [Test]
    public async Task Random_calls_that_are_cancelled_aborted_and_disposed_leave_nothing_behind([Range(1, 40)] int seed)
    {
        var pool = new TrackingPool();
        var random = new Random(seed);
        var pair = WebSocketConnection.CreatePair(new() { BufferPool = pool, MaxOutgoingBytes = 20_000, MaxMessageSize = 1000 });
        await Peer.Within(Task.WhenAll(
            UseAsync(pair.Client.AsWebSocket(), random.Next()),
            UseAsync(pair.Server.AsWebSocket(), random.Next())));
        await Peer.Within(pair.DisposeAsync());
        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    private static async Task UseAsync(WebSocket socket, int seed)
    {
        var random = new Random(seed);
        var (sending, receiving) = (SendManyAsync(socket, random.Next()), ReceiveAllAsync(socket, random.Next()));
        await sending;
        try
        {
            switch (random.Next(5))
            {
                case 0:
                    socket.Abort();
                    break;
                case 1:
                    socket.Dispose();
                    break;
                case 2:
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "done", default);
                    break;
                default:
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
                    break;
            }
        }
        catch (Exception expected) when (expected is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other end was first.
        }

        await receiving;
        socket.Dispose();
    }

    private static async Task SendManyAsync(WebSocket socket, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var payload = new byte[random.Next(4) == 0 ? random.Next(30_000) : random.Next(200)];
            Array.Fill(payload, (byte)'s');
            using var cancellation = new CancellationTokenSource();
            var cancelling = random.Next(3) == 0 ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
            try
            {
                await socket.SendAsync(payload.AsMemory(), WebSocketMessageType.Text, random.Next(2) == 0, cancellation.Token);
            }
            catch (OperationCanceledException) when (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                // It was this call's own token.
            }
            catch (Exception expected) when (expected is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                await cancelling;
                return;
            }

            await cancelling;
        }
    }

    private static async Task ReceiveAllAsync(WebSocket socket, int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var buffer = new byte[random.Next(5000)];
            using var cancellation = new CancellationTokenSource();
            var cancelling = random.Next(3) == 0 ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
            try
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), cancellation.Token);
                buffer.AsSpan(0, result.Count).IndexOfAnyExcept((byte)'s').Should().Be(-1);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                // It was this call's own token.
            }
            catch (Exception expected) when (expected is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            finally
            {
                await cancelling;
            }
        }
    }
}
