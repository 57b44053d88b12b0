namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Masking_5_1
{
    private static readonly byte[] FirstBytes = [0x01, 0x02, 0x81, 0x82, 0x88, 0x89, 0x8A];
    private static readonly ulong[] DataLengths = [0, 5, 125, 126, 65535, 65536, long.MaxValue];

    [Test]
    public void A_server_fails_an_unmasked_frame_with_1002_at_its_second_byte([ValueSource(nameof(FirstBytes))] byte first)
    {
        foreach (var length in DataLengths)
        {
            new ReceivedHeader(Wire.Header(first, masked: false, length), EndpointRole.Server)
                .ShouldFailWith(ProtocolViolation.UnmaskedClientFrame, atByte: 2);
        }

        ((int)ProtocolViolation.UnmaskedClientFrame.CloseStatus).Should().Be(1002);
    }

    [Test]
    public void A_client_fails_a_masked_frame_with_1002_at_its_second_byte([ValueSource(nameof(FirstBytes))] byte first)
    {
        foreach (var length in DataLengths)
        {
            new ReceivedHeader(Wire.Header(first, masked: true, length), EndpointRole.Client)
                .ShouldFailWith(ProtocolViolation.MaskedServerFrame, atByte: 2);
        }

        ((int)ProtocolViolation.MaskedServerFrame.CloseStatus).Should().Be(1002);
    }

    [Test]
    public void A_server_reads_a_masked_frame_and_a_client_an_unmasked_one(
        [Values] EndpointRole receiver,
        [ValueSource(nameof(FirstBytes))] byte first)
    {
        var masked = Wire.MasksTowards(receiver);

        new ReceivedHeader(Wire.Header(first, masked, 5), receiver)
            .ShouldBeRead(new FrameHeader(first >= 0x80, (Opcode)(first % 16), masked, masked ? Wire.KeyOf(Wire.Key) : 0, 5));
    }

    [Test]
    public void A_key_of_zero_is_a_key() =>
        new ReceivedHeader(Wire.Hex("82 81 00000000"), EndpointRole.Server)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, IsMasked: true, MaskKey: 0, 1));

    [Test]
    public void A_frame_without_payload_carries_its_key_all_the_same() =>
        new ReceivedHeader(Wire.Hex("82 80 37FA213D"), EndpointRole.Server)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, IsMasked: true, Wire.KeyOf(Wire.Key), 0));
}
