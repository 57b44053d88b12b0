namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Fragmentation_5_4
{
    [Test]
    public void A_continuation_without_a_message_fails_at_its_first_byte(
        [Values(0x00, 0x80)] byte first,
        [Values] EndpointRole receiver) =>
        new ReceivedHeader(Wire.Header(first, Wire.MasksTowards(receiver), 5), receiver, FragmentState.None)
            .ShouldFailWith(ProtocolViolation.OrphanContinuation, atByte: 1);

    [Test]
    public void A_message_that_starts_inside_another_fails_at_its_first_byte(
        [Values(0x01, 0x02, 0x81, 0x82)] byte first,
        [Values] EndpointRole receiver) =>
        new ReceivedHeader(Wire.Header(first, Wire.MasksTowards(receiver), 5), receiver, FragmentState.InMessage)
            .ShouldFailWith(ProtocolViolation.InterleavedMessage, atByte: 1);

    [Test]
    public void A_continuation_of_a_message_is_read_whether_final_or_not(
        [Values] bool final,
        [Values] EndpointRole receiver,
        [Values(0UL, 1UL, 126UL, 65536UL)] ulong length)
    {
        var masked = Wire.MasksTowards(receiver);

        new ReceivedHeader(Wire.Header((byte)(final ? 0x80 : 0x00), masked, length), receiver, FragmentState.InMessage)
            .ShouldBeRead(new FrameHeader(final, Opcode.Continuation, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length));
    }

    [Test]
    public void A_first_fragment_of_any_size_is_read(
        [Values(Opcode.Text, Opcode.Binary)] Opcode opcode,
        [Values(0UL, 1UL, 126UL, 65536UL)] ulong length) =>
        new ReceivedHeader(Wire.Header((byte)opcode, masked: false, length), EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(false, opcode, false, 0, (long)length));

    [Test]
    public void A_control_frame_may_stand_inside_a_message_or_outside(
        [Values(Opcode.Close, Opcode.Ping, Opcode.Pong)] Opcode opcode,
        [Values] FragmentState state,
        [Values] EndpointRole receiver)
    {
        var masked = Wire.MasksTowards(receiver);

        new ReceivedHeader(Wire.Header((byte)(0x80 + (int)opcode), masked, 5), receiver, state)
            .ShouldBeRead(new FrameHeader(true, opcode, masked, masked ? Wire.KeyOf(Wire.Key) : 0, 5));
    }
}
