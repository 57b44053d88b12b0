namespace RawSocketChat.Framing.Tests;

/// <summary>
/// The bytes of a frame header on their way to a receiver. Each assertion reads them at every split: every prefix is put to
/// <see cref="FrameHeader.TryRead"/>, and so is the whole with bytes of the payload behind it.
/// </summary>
internal sealed class ReceivedHeader(byte[] bytes, EndpointRole receiver, FragmentState state = FragmentState.None, bool mayBeCompressed = false)
{
    private static readonly byte[][] Tails = [[], [0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]];

    /// <summary>The header is read from its last byte on, whatever follows it; until then more data is asked for.</summary>
    public void ShouldBeRead(FrameHeader expected)
    {
        ShouldNeedMoreDataUpTo(bytes.Length - 1);
        foreach (var tail in Tails)
        {
            Expect([.. bytes, .. tail], FrameReadStatus.Done, expected, null);
        }
    }

    /// <summary>The rule is told from byte <paramref name="atByte"/> (counted from 1) on, whatever follows it, and not earlier.</summary>
    public void ShouldFailWith(ProtocolViolation rule, int atByte)
    {
        bytes.Length.Should().BeGreaterThanOrEqualTo(atByte, "the offending byte must be among the bytes");
        ShouldNeedMoreDataUpTo(atByte - 1);
        for (var length = atByte; length <= bytes.Length; length++)
        {
            foreach (var tail in Tails)
            {
                Expect([.. bytes[..length], .. tail], FrameReadStatus.Violation, default, rule);
            }
        }
    }

    /// <summary>The bytes break no rule, and do not suffice.</summary>
    public void ShouldNeedMoreData() => ShouldNeedMoreDataUpTo(bytes.Length);

    private void ShouldNeedMoreDataUpTo(int last)
    {
        for (var length = 0; length <= last; length++)
        {
            Expect(bytes[..length], FrameReadStatus.NeedMoreData, default, null);
        }
    }

    // Called millions of times: only a mismatch pays for a message.
    private void Expect(byte[] received, FrameReadStatus expected, FrameHeader header, ProtocolViolation? rule)
    {
        var status = FrameHeader.TryRead(received, receiver, state, out var actual, out var violation, mayBeCompressed);
        if (status != expected || actual != header || !ReferenceEquals(violation, rule))
        {
            Assert.Fail(
                $"""
                {receiver}, {state}, bytes {Convert.ToHexString(received)}
                expected {expected}, {header}, {rule?.ToString() ?? "no violation"}
                but got  {status}, {actual}, {violation?.ToString() ?? "no violation"}
                """);
        }
    }
}
