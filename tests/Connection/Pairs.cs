using System.Net.WebSockets;

using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.Connection.Tests;

/// <summary>Two ends in memory, as people's tests use them.</summary>
public sealed class Pairs
{
    [Test]
    public async Task What_either_end_sends_the_other_receives()
    {
        await using var pair = WebSocketConnection.CreatePair(subProtocol: "chat");
        var (client, server) = pair;

        await client.SendAsync("up");
        await server.SendAsync("down");

        (await Peer.Within(server.ReceiveAsync())).Text.Should().Be("up");
        (await Peer.Within(client.ReceiveAsync())).Text.Should().Be("down");
        client.SubProtocol.Should().Be("chat");
        server.SubProtocol.Should().Be("chat");
    }

    [Test]
    public async Task A_handler_runs_against_the_servers_end_until_the_client_closes()
    {
        await using var pair = WebSocketConnection.CreatePair();
        var (client, server) = pair;
        var handling = EchoAsync(server);

        await client.SendAsync("hello");
        (await Peer.Within(client.ReceiveAsync())).Text.Should().Be("hello");
        await Peer.Within(client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done"));
        await Peer.Within(handling);

        client.State.Should().Be(WebSocketState.Closed);
        server.Closure.Should().Be(new WebSocketClosure(
            CloseCause.ClosingHandshake, CloseInitiator.Remote, WebSocketCloseStatus.NormalClosure, "done", null));
    }

    // Under a clock that stands still: a wait that is bounded by the close timeout alone would not end.
    [Test]
    public async Task Disposing_the_pair_takes_no_time_in_whatever_state_it_is([Values] bool isClosed, [Values] bool isAborted)
    {
        var pool = new TrackingPool();
        var pair = WebSocketConnection.CreatePair(new() { TimeProvider = new FakeTimeProvider(), BufferPool = pool });
        await pair.Client.SendAsync("nobody receives this");
        if (isClosed)
        {
            pair.Client.StartClose(WebSocketCloseStatus.NormalClosure);
        }

        if (isAborted)
        {
            pair.Server.Abort();
        }

        await Peer.Within(pair.DisposeAsync());

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task Ends_that_have_closed_may_be_disposed_one_after_the_other([Values] bool serverFirst)
    {
        var (client, server) = WebSocketConnection.CreatePair(new() { TimeProvider = new FakeTimeProvider() });
        var handling = EchoAsync(server);
        await Peer.Within(client.CloseAsync(WebSocketCloseStatus.NormalClosure));
        await Peer.Within(handling);

        await Peer.Within((serverFirst ? server : client).DisposeAsync());
        await Peer.Within((serverFirst ? client : server).DisposeAsync());
    }

    [Test]
    public async Task A_sender_waits_for_a_receiver_that_does_not_read()
    {
        await using var pair = WebSocketConnection.CreatePair(new() { MaxOutgoingBytes = 1024, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var sent = 0;
        while (pair.Client.TrySend(new byte[1000], WebSocketMessageType.Binary))
        {
            sent++;
        }

        var waiting = pair.Client.SendAsync(new byte[900], WebSocketMessageType.Binary).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        for (var i = 0; i < sent; i++)
        {
            (await Peer.Within(pair.Server.ReceiveAsync())).Payload.Length.Should().Be(1000);
        }

        (await Peer.Within(pair.Server.ReceiveAsync())).Payload.Length.Should().Be(900);
        await Peer.Within(waiting);
    }

    [Test]
    public async Task A_send_of_any_length_is_done_when_its_message_has_been_received_and_nobody_has_asked_for_the_next([Values] bool fromServer)
    {
        await using var pair = WebSocketConnection.CreatePair(new() { MaxMessageSize = 10_000_000 });
        var (sender, receiver) = fromServer ? (pair.Server, pair.Client) : (pair.Client, pair.Server);
        foreach (var length in (int[])[30_000, 65_535, 65_536, 200_000, 3_000_000])
        {
            var sending = sender.SendAsync(new byte[length], WebSocketMessageType.Binary).AsTask();
            (await Peer.Within(receiver.ReceiveAsync())).Payload.Length.Should().Be(length);
            await Peer.Within(sending);
        }
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            await connection.SendAsync(message);
        }
    }
}
