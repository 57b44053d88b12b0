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

    private Peer NewPeer() => new(EndpointRole.Server, new()
    {
        KeepAliveInterval = Interval,
        KeepAliveTimeout = Patience,
        TimeProvider = _time,
    });
}
