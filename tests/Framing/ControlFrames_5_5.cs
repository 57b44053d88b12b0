namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class ControlFrames_5_5
{
    [Test]
    public void A_control_frame_of_up_to_125_bytes_is_read(
        [Values(Opcode.Close, Opcode.Ping, Opcode.Pong)] Opcode opcode,
        [Values] EndpointRole receiver)
    {
        var masked = Wire.MasksTowards(receiver);
        for (ulong length = 0; length <= 125; length++)
        {
            new ReceivedHeader(Wire.Header((byte)(0x80 + (int)opcode), masked, length), receiver)
                .ShouldBeRead(new FrameHeader(true, opcode, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length));
        }
    }

    [Test]
    public void A_longer_control_frame_fails_at_its_second_byte(
        [Values(0x88, 0x89, 0x8A)] byte first,
        [Values] EndpointRole receiver,
        [Values(126UL, 127UL, 65535UL, 65536UL, ulong.MaxValue)] ulong length) =>
        new ReceivedHeader(Wire.Header(first, Wire.MasksTowards(receiver), length), receiver)
            .ShouldFailWith(ProtocolViolation.OversizedControlFrame, atByte: 2);

    [Test]
    public void A_control_frame_with_an_extended_length_fails_even_where_the_length_is_small(
        [Values(0x88, 0x89, 0x8A)] byte first,
        [Values(2, 8)] int lengthBytes) =>
        new ReceivedHeader(Wire.Header(first, masked: true, 5, lengthBytes), EndpointRole.Server)
            .ShouldFailWith(ProtocolViolation.OversizedControlFrame, atByte: 2);

    [Test]
    public void A_fragmented_control_frame_fails_at_its_first_byte(
        [Values(0x08, 0x09, 0x0A)] byte first,
        [Values] EndpointRole receiver,
        [Values] FragmentState state) =>
        new ReceivedHeader(Wire.Header(first, Wire.MasksTowards(receiver), 5), receiver, state)
            .ShouldFailWith(ProtocolViolation.FragmentedControlFrame, atByte: 1);
}
