using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class PreparedMessages
{
    // Both sides of every border between the three forms of a length.
    private static readonly int[] Sizes = [0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 1_000_000];

    [Test]
    public void A_binary_frame_is_right_byte_for_byte([ValueSource(nameof(Sizes))] int size)
    {
        var payload = new byte[size];
        new Random(size).NextBytes(payload);

        ShouldBe(PreparedMessage.FromBinary(payload), WebSocketMessageType.Binary, 0x82, payload);
    }

    [Test]
    public void A_text_frame_from_UTF8_is_right_byte_for_byte([ValueSource(nameof(Sizes))] int size)
    {
        var payload = Text(size);

        ShouldBe(PreparedMessage.FromText(payload), WebSocketMessageType.Text, 0x81, payload);
    }

    [Test]
    public void A_text_frame_from_characters_is_right_byte_for_byte([ValueSource(nameof(Sizes))] int size)
    {
        var payload = Text(size);

        ShouldBe(PreparedMessage.FromText(Encoding.UTF8.GetString(payload)), WebSocketMessageType.Text, 0x81, payload);
    }

    [Test]
    public void A_client_reads_the_frame_as_one_whole_unmasked_message([ValueSource(nameof(Sizes))] int size)
    {
        var message = PreparedMessage.FromBinary(new byte[size]);
        var header = message.Frame[..^size].ToArray();

        new ReceivedHeader(header, EndpointRole.Client).ShouldBeRead(new FrameHeader(true, Opcode.Binary, false, 0, size));
    }

    [Test]
    public void It_stays_what_it_was_when_its_source_changes([Values(0, 1, 2)] int kind)
    {
        var bytes = "before"u8.ToArray();
        var text = "before".ToCharArray();
        var message = kind switch
        {
            0 => PreparedMessage.FromBinary(bytes),
            1 => PreparedMessage.FromText((ReadOnlySpan<byte>)bytes),
            _ => PreparedMessage.FromText((ReadOnlySpan<char>)text),
        };

        Array.Fill(bytes, (byte)'x');
        Array.Fill(text, 'x');

        message.Payload.ToArray().Should().Equal("before"u8.ToArray());
        message.Frame[2..].ToArray().Should().Equal("before"u8.ToArray());
    }

    [Test]
    public void Its_payload_is_a_part_of_its_frame_and_no_second_copy()
    {
        var message = PreparedMessage.FromBinary(new byte[300]);

        MemoryMarshal.TryGetArray(message.Frame, out var frame).Should().BeTrue();
        MemoryMarshal.TryGetArray(message.Payload, out var payload).Should().BeTrue();

        payload.Array.Should().BeSameAs(frame.Array);
        message.Frame.Should().Be(message.Frame, "every reader shares the same bytes");
    }

    [Test]
    public void A_lone_surrogate_is_replaced([Values(0xD83D, 0xDE00)] int lone) =>
        PreparedMessage.FromText($"a{(char)lone}z").Payload.ToArray().Should().Equal(Wire.Hex("61 EFBFBD 7A"));

    [Test]
    public void Bytes_that_are_not_UTF8_are_refused_as_text([Values("80", "C080", "EDA080", "E282", "F4908080", "FF")] string bytes) =>
        FluentActions.Invoking(() => PreparedMessage.FromText((ReadOnlySpan<byte>)Wire.Hex(bytes)))
            .Should().Throw<ArgumentException>().WithParameterName("utf8");

    [Test]
    public void It_costs_one_buffer_of_the_frames_size()
    {
        var payload = new byte[10_000];
        PreparedMessage.FromBinary(payload);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = PreparedMessage.FromBinary(payload);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.Should().BeInRange(message.Frame.Length, message.Frame.Length + 100);
    }

    // Characters of all four lengths, filled up with one-byte ones.
    private static byte[] Text(int size)
    {
        var unit = "aé€😀"u8;
        var text = new byte[size];
        Array.Fill(text, (byte)'.');
        for (var position = 0; position + unit.Length <= size; position += unit.Length)
        {
            unit.CopyTo(text.AsSpan(position));
        }

        return text;
    }

    private static void ShouldBe(PreparedMessage message, WebSocketMessageType type, byte first, byte[] payload)
    {
        byte[] expected = [.. Wire.Header(first, masked: false, (ulong)payload.Length), .. payload];

        message.Type.Should().Be(type);
        message.Frame.Span.SequenceEqual(expected).Should().BeTrue("the frame must be header and payload byte for byte");
        message.Payload.Span.SequenceEqual(payload).Should().BeTrue("the payload must be the source byte for byte");
    }
}
