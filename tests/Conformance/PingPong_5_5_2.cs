namespace RawSocketChat.Conformance.Tests;

public sealed class PingPong_5_5_2 : EchoServerFixture
{
    [TestCase(0)]
    [TestCase(5)]
    [TestCase(125)]
    public Task A_ping_is_answered_with_its_payload(int length)
    {
        var payload = Enumerable.Repeat((byte)0xFE, length).ToArray();
        return Expect([.. RawFrame.Build(RawFrame.Ping, payload), .. RawFrame.BuildClose(1000)], 1000, (RawFrame.Pong, payload));
    }

    [Test]
    public Task A_ping_of_126_bytes_is_failed_with_1002() =>
        Expect([.. RawFrame.Build(RawFrame.Ping, new byte[126]), .. RawFrame.BuildClose(1000)], 1002);

    [TestCase(0)]
    [TestCase(20)]
    public Task A_pong_that_nobody_asked_for_is_ignored(int length) =>
        Expect(
            [.. RawFrame.Build(RawFrame.Pong, new byte[length]), .. RawFrame.Build(RawFrame.Ping, "x"u8), .. RawFrame.BuildClose(1000)],
            1000,
            (RawFrame.Pong, "x"u8.ToArray()));

    [Test]
    public Task Ten_pings_are_answered_by_ten_pongs_in_their_order()
    {
        byte[][] payloads = [.. Enumerable.Range(0, 10).Select(i => new[] { (byte)i, (byte)i })];
        return Expect(
            [.. payloads.SelectMany(payload => RawFrame.Build(RawFrame.Ping, payload)), .. RawFrame.BuildClose(1000)],
            1000,
            [.. payloads.Select(payload => (RawFrame.Pong, payload))]);
    }

    [Test]
    public Task A_ping_between_fragments_is_answered_before_the_message() =>
        Expect(
            [
                .. RawFrame.Build(RawFrame.Text, "frag"u8, final: false),
                .. RawFrame.Build(RawFrame.Ping, "now"u8),
                .. RawFrame.Build(RawFrame.Continuation, "ment"u8),
                .. RawFrame.BuildClose(1000),
            ],
            1000,
            (RawFrame.Pong, "now"u8.ToArray()),
            (RawFrame.Text, "fragment"u8.ToArray()));
}
