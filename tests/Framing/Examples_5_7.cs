using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Examples_5_7
{
    [Test]
    public void A_single_frame_unmasked_text_message() =>
        ShouldBeHello("81 05 48656C6C6F", EndpointRole.Client, Opcode.Text);

    [Test]
    public void A_single_frame_masked_text_message() =>
        ShouldBeHello("81 85 37FA213D 7F9F4D5158", EndpointRole.Server, Opcode.Text);

    [Test]
    public void An_unmasked_ping() =>
        ShouldBeHello("89 05 48656C6C6F", EndpointRole.Client, Opcode.Ping);

    [Test]
    public void A_masked_pong() =>
        ShouldBeHello("8A 85 37FA213D 7F9F4D5158", EndpointRole.Server, Opcode.Pong);

    [Test]
    public void A_fragmented_unmasked_text_message()
    {
        new ReceivedHeader(Wire.Hex("01 03"), EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(false, Opcode.Text, false, 0, 3));
        new ReceivedHeader(Wire.Hex("80 02"), EndpointRole.Client, FragmentState.InMessage)
            .ShouldBeRead(new FrameHeader(true, Opcode.Continuation, false, 0, 2));
    }

    [Test]
    public void A_binary_message_of_256_bytes() =>
        new ReceivedHeader(Wire.Hex("82 7E 0100"), EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, false, 0, 256));

    [Test]
    public void A_binary_message_of_64_KiB() =>
        new ReceivedHeader(Wire.Hex("82 7F 0000000000010000"), EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, false, 0, 65536));

    private static void ShouldBeHello(string frame, EndpointRole receiver, Opcode opcode)
    {
        var bytes = Wire.Hex(frame);

        FrameHeader.TryRead(bytes, receiver, FragmentState.None, out var header, out _).Should().Be(FrameReadStatus.Done);
        header.Opcode.Should().Be(opcode);
        header.IsFinal.Should().BeTrue();
        (header.Size + header.PayloadLength).Should().Be(bytes.Length);

        var payload = bytes[header.Size..];
        Masking.Apply(payload, header.MaskKey);
        Encoding.UTF8.GetString(payload).Should().Be("Hello");
    }
}
