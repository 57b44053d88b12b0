namespace RawSocketChat.Conformance.Tests;

public sealed class ReservedBitsAndOpcodes_5_2 : EchoServerFixture
{
    private static readonly byte[] Hello = "Hello, world!"u8.ToArray();

    [Test, Combinatorial]
    public Task A_reserved_bit_is_failed_with_1002(
        [Range(1, 7)] int reserved,
        [Values(RawFrame.Text, RawFrame.Binary, RawFrame.Close, RawFrame.Ping, RawFrame.Pong)] int opcode) =>
        Expect([.. RawFrame.Build(opcode, Hello.AsSpan(0, 3), reserved: reserved), .. RawFrame.Build(RawFrame.Ping, [])], 1002);

    [TestCase(3)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(6)]
    [TestCase(7)]
    [TestCase(11)]
    [TestCase(12)]
    [TestCase(13)]
    [TestCase(14)]
    [TestCase(15)]
    public Task A_reserved_opcode_is_failed_with_1002_and_what_came_before_is_echoed(int opcode) =>
        Expect(
            [
                .. RawFrame.Build(RawFrame.Text, Hello),
                .. RawFrame.Build(opcode, Hello),
                .. RawFrame.Build(RawFrame.Ping, []),
            ],
            1002,
            (RawFrame.Text, Hello));

    [Test]
    public Task A_reserved_bit_on_a_continuation_is_failed_with_1002() =>
        Expect(
            [.. RawFrame.Build(RawFrame.Text, Hello, final: false), .. RawFrame.Build(RawFrame.Continuation, Hello, reserved: 4)], 1002);

    [TestCase(RawFrame.Text)]
    [TestCase(RawFrame.Binary)]
    [TestCase(RawFrame.Ping)]
    [TestCase(RawFrame.Close)]
    public Task An_unmasked_frame_is_failed_with_1002(int opcode) =>
        Expect([.. RawFrame.Build(RawFrame.Text, Hello), .. RawFrame.Build(opcode, [], masked: false)], 1002, (RawFrame.Text, Hello));

    [TestCase(new byte[] { 0x82, 0xFE, 0x00, 0x7D })]
    [TestCase(new byte[] { 0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF })]
    [TestCase(new byte[] { 0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0 })]
    [TestCase(new byte[] { 0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public Task A_length_that_is_not_minimal_or_not_a_length_is_failed_with_1002(byte[] header) => Expect(header, 1002);

    [Test]
    public Task A_length_beyond_the_limit_is_failed_with_1009_before_anything_of_it_has_come() =>
        Expect([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009);
}
