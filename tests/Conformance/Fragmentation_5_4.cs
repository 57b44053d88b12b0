namespace RawSocketChat.Conformance.Tests;

public sealed class Fragmentation_5_4 : EchoServerFixture
{
    [TestCase(RawFrame.Ping)]
    [TestCase(RawFrame.Pong)]
    [TestCase(RawFrame.Close)]
    public Task A_fragmented_control_frame_is_failed_with_1002(int opcode) =>
        Expect([.. RawFrame.Build(opcode, "x"u8, final: false), .. RawFrame.Build(RawFrame.Continuation, "y"u8)], 1002);

    [Test]
    public Task Fragments_are_put_together() =>
        Expect(
            [
                .. RawFrame.Build(RawFrame.Text, "a"u8, final: false),
                .. RawFrame.Build(RawFrame.Continuation, "b"u8, final: false),
                .. RawFrame.Build(RawFrame.Continuation, ""u8, final: false),
                .. RawFrame.Build(RawFrame.Continuation, "c"u8),
                .. RawFrame.Build(RawFrame.Binary, ""u8, final: false),
                .. RawFrame.Build(RawFrame.Continuation, ""u8),
                .. RawFrame.BuildClose(1000),
            ],
            1000,
            (RawFrame.Text, "abc"u8.ToArray()),
            (RawFrame.Binary, []));

    [Test]
    public Task Several_pings_between_fragments_are_all_answered() =>
        Expect(
            [
                .. RawFrame.Build(RawFrame.Text, "a"u8, final: false),
                .. RawFrame.Build(RawFrame.Ping, "1"u8),
                .. RawFrame.Build(RawFrame.Continuation, "b"u8, final: false),
                .. RawFrame.Build(RawFrame.Ping, "2"u8),
                .. RawFrame.Build(RawFrame.Continuation, "c"u8),
                .. RawFrame.BuildClose(1000),
            ],
            1000,
            (RawFrame.Pong, "1"u8.ToArray()),
            (RawFrame.Pong, "2"u8.ToArray()),
            (RawFrame.Text, "abc"u8.ToArray()));

    [TestCase(true)]
    [TestCase(false)]
    public Task A_continuation_of_nothing_is_failed_with_1002(bool final) =>
        Expect([.. RawFrame.Build(RawFrame.Continuation, "x"u8, final), .. RawFrame.Build(RawFrame.Text, "y"u8)], 1002);

    [Test]
    public Task A_continuation_behind_a_whole_message_is_failed_with_1002() =>
        Expect(
            [.. RawFrame.Build(RawFrame.Text, "x"u8), .. RawFrame.Build(RawFrame.Continuation, "y"u8)], 1002, (RawFrame.Text, "x"u8.ToArray()));

    [TestCase(true)]
    [TestCase(false)]
    public Task A_message_inside_another_is_failed_with_1002(bool final) =>
        Expect([.. RawFrame.Build(RawFrame.Text, "x"u8, final: false), .. RawFrame.Build(RawFrame.Text, "y"u8, final)], 1002);

    [Test]
    public Task A_close_between_fragments_closes() =>
        Expect([.. RawFrame.Build(RawFrame.Text, "x"u8, final: false), .. RawFrame.BuildClose(1000)], 1000);
}
