using System.Net.WebSockets;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class CloseStatus_7_4
{
    // RFC 6455 §7.4.1, and what IANA has registered since: 1012, 1013 and 1014.
    private static readonly int[] Defined = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    private static readonly HashSet<int> Allowed = [.. Defined, .. Enumerable.Range(3000, 1000), .. Enumerable.Range(4000, 1000)];

    [Test]
    public void Every_status_code_is_judged_by_the_list()
    {
        for (var status = 0; status <= ushort.MaxValue; status++)
        {
            ClosePayload.IsValidStatus(status).Should().Be(Allowed.Contains(status), "the status is {0}", status);
        }
    }

    [Test]
    public void What_is_no_16_bit_number_is_no_status_code(
        [Values(int.MinValue, -1, -1000, 65536, 65536 + 1000, 65536 + 3000, int.MaxValue)] int status) =>
        ClosePayload.IsValidStatus(status).Should().BeFalse();

    [Test]
    public void Every_status_code_is_read_or_fails_with_1002()
    {
        for (var code = 0; code <= ushort.MaxValue; code++)
        {
            var body = new ReceivedCloseBody((byte)(code >> 8), (byte)code, (byte)'b', (byte)'y', (byte)'e');
            if (Allowed.Contains(code))
            {
                body.ShouldBeRead(code, "bye");
            }
            else
            {
                body.ShouldFailWith(ProtocolViolation.InvalidCloseStatus, closeStatus: 1002);
            }
        }
    }

    [Test]
    public void Every_allowed_status_code_is_written_in_network_byte_order()
    {
        var destination = new byte[FrameHeader.MaxControlPayload];
        foreach (var code in Allowed)
        {
            ClosePayload.Write(destination, (WebSocketCloseStatus)code, "").Should().Be(2);
            ((destination[0] * 256) + destination[1]).Should().Be(code);
        }
    }

    [Test]
    public void A_status_code_that_is_not_allowed_is_never_written(
        [Values(0, 999, 1004, 1006, 1015, 1016, 2999, 5000, 65535, 65536, -1)] int status)
    {
        var destination = new byte[FrameHeader.MaxControlPayload];

        FluentActions.Invoking(() => ClosePayload.Write(destination, (WebSocketCloseStatus)status, "bye"))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(status));

        destination.Should().Equal(new byte[FrameHeader.MaxControlPayload]);
    }

    [Test]
    public void No_status_code_is_written_as_an_empty_body()
    {
        // RFC 6455 §7.1.5: "If this Close control frame contains no status code, _The WebSocket Connection Close Code_ is considered
        // to be 1005."
        var destination = new byte[FrameHeader.MaxControlPayload];

        ClosePayload.Write(destination, WebSocketCloseStatus.Empty, "a reason has no place without a status").Should().Be(0);

        destination.Should().Equal(new byte[FrameHeader.MaxControlPayload]);
    }
}
