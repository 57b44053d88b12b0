namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class CompressedBit_RFC7692_6
{
    private const byte Final = 0x80;
    private const byte Compressed = 0x40;

    private static readonly EndpointRole[] Roles = [EndpointRole.Server, EndpointRole.Client];

    [Test]
    public void A_message_may_start_with_it_where_compression_was_negotiated(
        [ValueSource(nameof(Roles))] EndpointRole receiver, [Values(Opcode.Text, Opcode.Binary)] Opcode opcode, [Values] bool final)
    {
        var first = (byte)((final ? Final : 0) | Compressed | (byte)opcode);
        foreach (var length in (ulong[])[0, 5, 126, 65536])
        {
            var masked = Wire.MasksTowards(receiver);
            new ReceivedHeader(Wire.Header(first, masked, length), receiver, mayBeCompressed: true)
                .ShouldBeRead(new(final, opcode, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length) { IsCompressed = true });
        }
    }

    [Test]
    public void Nothing_may_have_it_where_compression_was_not_negotiated([ValueSource(nameof(Roles))] EndpointRole receiver, [Values] Opcode opcode)
    {
        var state = opcode == Opcode.Continuation ? FragmentState.InMessage : FragmentState.None;
        new ReceivedHeader(Header(receiver, Final | Compressed, opcode), receiver, state).ShouldFailWith(ProtocolViolation.ReservedBit, atByte: 1);
    }

    [Test]
    public void No_later_fragment_and_no_control_frame_may_have_it(
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [Values(Opcode.Continuation, Opcode.Close, Opcode.Ping, Opcode.Pong)] Opcode opcode,
        [Values] FragmentState state) =>
        new ReceivedHeader(Header(receiver, Final | Compressed, opcode), receiver, state, mayBeCompressed: true)
            .ShouldFailWith(ProtocolViolation.ReservedBit, atByte: 1);

    [Test]
    public void The_other_reserved_bits_have_no_meaning_even_so(
        [ValueSource(nameof(Roles))] EndpointRole receiver, [Values(0x10, 0x20, 0x30, 0x50, 0x60, 0x70)] int bits) =>
        new ReceivedHeader(Header(receiver, Final | bits, Opcode.Text), receiver, mayBeCompressed: true)
            .ShouldFailWith(ProtocolViolation.ReservedBit, atByte: 1);

    [Test]
    public void A_message_may_do_without_it([ValueSource(nameof(Roles))] EndpointRole receiver)
    {
        var masked = Wire.MasksTowards(receiver);
        new ReceivedHeader(Header(receiver, Final, Opcode.Binary), receiver, mayBeCompressed: true)
            .ShouldBeRead(new(true, Opcode.Binary, masked, masked ? Wire.KeyOf(Wire.Key) : 0, 5));
    }

    [Test]
    public void It_is_written_where_the_header_says_so()
    {
        var bytes = new byte[FrameHeader.MaxSize];

        new FrameHeader(true, Opcode.Text, false, 0, 5) { IsCompressed = true }.Write(bytes).Should().Be(2);
        bytes[..2].Should().Equal(0xC1, 5);
        new FrameHeader(false, Opcode.Continuation, false, 0, 5).Write(bytes);
        bytes[..2].Should().Equal(0x00, 5);
    }

    private static byte[] Header(EndpointRole receiver, int bits, Opcode opcode) =>
        Wire.Header((byte)(bits | (byte)opcode), Wire.MasksTowards(receiver), 5);
}
