using System.Net.WebSockets;
using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class CloseBody_5_5_1
{
    private const byte Canary = 0xA5;

    // One, two, three and four bytes a character, and three for what UTF-8 has no form for.
    private static readonly string[] Characters = ["a", "é", "€", "😀", "\uD83D", "\uDE00"];

    [Test]
    public void An_empty_body_is_status_1005_without_a_reason() => new ReceivedCloseBody().ShouldBeRead(1005, "");

    [Test]
    public void A_body_of_one_byte_fails_with_1002()
    {
        for (var octet = 0; octet <= 255; octet++)
        {
            new ReceivedCloseBody((byte)octet).ShouldFailWith(ProtocolViolation.TruncatedCloseStatus, closeStatus: 1002);
        }
    }

    [Test]
    public void A_body_of_two_bytes_is_a_status_without_a_reason() => new ReceivedCloseBody(0x03, 0xE8).ShouldBeRead(1000, "");

    [Test]
    public void A_body_of_every_length_up_to_125_bytes_is_read([Range(3, 125)] int length)
    {
        var reason = new string('r', length - 2);

        new ReceivedCloseBody([0x0F, 0xA0, .. Encoding.ASCII.GetBytes(reason)]).ShouldBeRead(4000, reason);
    }

    [Test]
    public void A_reason_in_many_scripts_is_read() =>
        new ReceivedCloseBody([0x03, 0xE9, .. Encoding.UTF8.GetBytes("до свидания 再见 👋")]).ShouldBeRead(1001, "до свидания 再见 👋");

    [Test]
    public void A_reason_that_is_not_UTF8_fails_with_1007(
        [Values("80", "C0AF", "EDA080", "F4908080", "FF", "E282", "F09F98", "C3", "6162C328")] string reason) =>
        new ReceivedCloseBody([0x03, 0xE8, .. Wire.Hex(reason)]).ShouldFailWith(ProtocolViolation.InvalidCloseReason, closeStatus: 1007);

    [Test]
    public void A_reason_cut_inside_a_character_fails_at_every_such_cut()
    {
        var whole = Encoding.UTF8.GetBytes("aé€😀z");
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var body = new ReceivedCloseBody([0x03, 0xE8, .. whole[..cut]]);
            if (cut == whole.Length || (whole[cut] & 0xC0) != 0x80)
            {
                body.ShouldBeRead(1000, Encoding.UTF8.GetString(whole, 0, cut));
            }
            else
            {
                body.ShouldFailWith(ProtocolViolation.InvalidCloseReason, closeStatus: 1007);
            }
        }
    }

    [Test]
    public void A_wrong_status_is_told_before_a_wrong_reason() =>
        new ReceivedCloseBody(0x03, 0xED, 0xFF).ShouldFailWith(ProtocolViolation.InvalidCloseStatus, closeStatus: 1002);

    [Test]
    public void A_written_reason_is_cut_at_the_end_of_the_last_character_that_fits([Values(0, 1, 2, 3)] int before)
    {
        var destination = new byte[FrameHeader.MaxControlPayload];
        foreach (var character in Characters)
        {
            for (var count = 0; count <= 130; count++)
            {
                var reason = new string('x', before) + string.Concat(Enumerable.Repeat(character, count));

                var written = ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, reason);

                new ReceivedCloseBody(destination[..written]).ShouldBeRead(1000, LongestThatFits(reason));
            }
        }
    }

    [Test]
    public void A_reason_of_123_bytes_fits_whole()
    {
        var destination = new byte[FrameHeader.MaxControlPayload];

        ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, new string('r', 123)).Should().Be(125);
        ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, new string('r', 124)).Should().Be(125);
        ClosePayload.MaxReasonBytes.Should().Be(123);
    }

    [Test]
    public void A_megabyte_of_reason_is_cut_too()
    {
        var destination = new byte[FrameHeader.MaxControlPayload];

        var written = ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, new string('é', 1 << 20));

        new ReceivedCloseBody(destination[..written]).ShouldBeRead(1000, new string('é', 61));
    }

    [Test]
    public void Writing_into_too_short_a_destination_is_the_callers_error() =>
        FluentActions.Invoking(() => ClosePayload.Write(new byte[124], WebSocketCloseStatus.NormalClosure, ""))
            .Should().Throw<ArgumentException>().WithParameterName("destination");

    [Test]
    public void What_is_written_was_written_by_this_call_every_byte_of_it()
    {
        var destination = new byte[FrameHeader.MaxControlPayload + 1];
        foreach (var character in Characters)
        {
            for (var count = 0; count <= 130; count++)
            {
                Array.Fill(destination, Canary);
                var reason = string.Concat(Enumerable.Repeat(character, count));

                var written = ClosePayload.Write(destination, WebSocketCloseStatus.NormalClosure, reason);

                byte[] expected = [0x03, 0xE8, .. Encoding.UTF8.GetBytes(LongestThatFits(reason))];
                destination[..written].Should().Equal(expected, "nothing that lay there before may get out");
                destination[^1].Should().Be(Canary, "126 bytes are never written");
            }
        }
    }

    private static string LongestThatFits(string reason)
    {
        var fits = new StringBuilder();
        var size = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            size += rune.Utf8SequenceLength;
            if (size > 123)
            {
                break;
            }

            fits.Append(rune);
        }

        return fits.ToString();
    }
}
