namespace RawSocketChat.Framing.Tests;

/// <summary>
/// RFC 6455 §5 once more, as a list of rules over a header's bits: each rule knows the first byte at which it can be judged.
/// Written from the RFC alone, so that it may serve as a judge of <see cref="FrameHeader.TryRead"/>.
/// </summary>
internal static class HeaderOracle
{
    private static readonly Rule[] Rules =
    [
        new(ProtocolViolation.ReservedBit, 1, h => Bits(h[0], 1, 3) != 0),
        new(ProtocolViolation.ReservedOpcode, 1, h => Bits(h[0], 4, 4) is (>= 3 and <= 7) or (>= 11 and <= 15)),
        new(ProtocolViolation.FragmentedControlFrame, 1, h => Bits(h[0], 4, 1) == 1 && Bits(h[0], 0, 1) == 0),
        new(ProtocolViolation.OrphanContinuation, 1, h => Bits(h[0], 4, 4) == 0, InState: FragmentState.None),
        new(ProtocolViolation.InterleavedMessage, 1, h => Bits(h[0], 4, 4) is 1 or 2, InState: FragmentState.InMessage),
        new(ProtocolViolation.UnmaskedClientFrame, 2, h => Bits(h[1], 0, 1) == 0, AtRole: EndpointRole.Server),
        new(ProtocolViolation.MaskedServerFrame, 2, h => Bits(h[1], 0, 1) == 1, AtRole: EndpointRole.Client),
        new(ProtocolViolation.OversizedControlFrame, 2, h => Bits(h[0], 4, 1) == 1 && Bits(h[1], 1, 7) > 125),
        new(ProtocolViolation.LengthTopBit, 3, h => Bits(h[1], 1, 7) == 127 && Bits(h[2], 0, 1) == 1),
        new(ProtocolViolation.NonMinimalLength, 4, h => Bits(h[1], 1, 7) == 126 && (h[2] * 256) + h[3] < 126),
        new(ProtocolViolation.NonMinimalLength, 8, h => Bits(h[1], 1, 7) == 127 && h[2..8].All(octet => octet == 0)),
    ];

    /// <summary>Judges a whole header, or more bytes than a header can have.</summary>
    /// <returns>
    /// Where no rule is broken, none and the header's length; otherwise the rules that the first offending byte breaks, and its
    /// place, counted from 1.
    /// </returns>
    public static (ProtocolViolation[] Broken, int AtByte) Judge(byte[] bytes, EndpointRole receiver, FragmentState state)
    {
        for (var seen = 1; seen <= 8; seen++)
        {
            var broken = Rules
                .Where(rule => rule.AtByte == seen && (rule.AtRole ?? receiver) == receiver && (rule.InState ?? state) == state)
                .Where(rule => rule.Breaks(bytes))
                .Select(rule => rule.Violation)
                .ToArray();
            if (broken.Length > 0)
            {
                return (broken, seen);
            }
        }

        var extended = Bits(bytes[1], 1, 7) switch { 126 => 2, 127 => 8, _ => 0 };
        return ([], 2 + extended + (4 * Bits(bytes[1], 0, 1)));
    }

    // Bits as RFC 6455 §5.2 numbers them: 0 is the most significant.
    private static int Bits(byte octet, int from, int count) => (octet >> (8 - from - count)) % (1 << count);

    private sealed record Rule(
        ProtocolViolation Violation,
        int AtByte,
        Func<byte[], bool> Breaks,
        EndpointRole? AtRole = null,
        FragmentState? InState = null);
}
