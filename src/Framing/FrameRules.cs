using System.Diagnostics;

namespace RawSocketChat.Framing;

/// <summary>
/// The one legality table for frame headers: every rule that RFC 6455 §5 lays on the bytes of a header, each judged on the first
/// byte that can break it.
/// </summary>
internal static class FrameRules
{
    private const byte FinalBit = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte CompressedBit = 0x40;
    private const byte OpcodeBits = 0x0F;
    private const byte ControlBit = 0x08;
    private const byte MaskBit = 0x80;

    /// <summary>FIN, the reserved bits and the opcode, held against the state of fragmentation and what was negotiated.</summary>
    public static ProtocolViolation? JudgeFirstByte(byte first, FragmentState state, bool mayBeCompressed)
    {
        // RFC 7692 §6: "An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames and non-first fragments of a data
        // message. An endpoint receiving such a frame MUST _Fail the WebSocket Connection_."
        var isFirst = (Opcode)(first & OpcodeBits) is Opcode.Text or Opcode.Binary;
        var meaningless = mayBeCompressed && isFirst ? ReservedBits & ~CompressedBit : ReservedBits;

        // RFC 6455 §5.2: "If a nonzero value is received and none of the negotiated extensions defines the meaning of such a
        // nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_."
        if ((first & meaningless) != 0)
        {
            return ProtocolViolation.ReservedBit;
        }

        switch ((Opcode)(first & OpcodeBits))
        {
            case Opcode.Text or Opcode.Binary:
                // RFC 6455 §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message
                // unless an extension has been negotiated that can interpret the interleaving."
                return state == FragmentState.None ? null : ProtocolViolation.InterleavedMessage;

            case Opcode.Continuation:
                // RFC 6455 §5.4: "A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0,
                // followed by zero or more frames with the FIN bit clear and the opcode set to 0"
                return state == FragmentState.InMessage ? null : ProtocolViolation.OrphanContinuation;

            case Opcode.Close or Opcode.Ping or Opcode.Pong:
                // RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
                return (first & FinalBit) != 0 ? null : ProtocolViolation.FragmentedControlFrame;

            default:
                // RFC 6455 §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
                return ProtocolViolation.ReservedOpcode;
        }
    }

    /// <summary>The mask bit, held against the role; the short length, held against the kind of frame.</summary>
    public static ProtocolViolation? JudgeSecondByte(byte first, byte second, EndpointRole receiver)
    {
        var masked = (second & MaskBit) != 0;
        if (receiver == EndpointRole.Server && !masked)
        {
            // RFC 6455 §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
            return ProtocolViolation.UnmaskedClientFrame;
        }

        if (receiver == EndpointRole.Client && masked)
        {
            // RFC 6455 §5.1: "A client MUST close a connection if it detects a masked frame."
            return ProtocolViolation.MaskedServerFrame;
        }

        // RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
        return (first & ControlBit) != 0 && (second & ~MaskBit) > FrameHeader.MaxControlPayload
            ? ProtocolViolation.OversizedControlFrame
            : null;
    }

    /// <summary>The first bytes of a length of 16 or 64 bits whose rest is outstanding: what no rest can mend.</summary>
    public static ProtocolViolation? JudgeLengthStart(ReadOnlySpan<byte> start, int bytes)
    {
        Debug.Assert(start.Length < bytes, "A whole length is judged by its value.");

        // The first byte of two decides nothing: even behind a zero, 126 to 255 need 16 bits.
        if (bytes == sizeof(ushort) || start.IsEmpty)
        {
            return null;
        }

        // RFC 6455 §5.2: "the most significant bit MUST be 0"
        if (start[0] > sbyte.MaxValue)
        {
            return ProtocolViolation.LengthTopBit;
        }

        // RFC 6455 §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length"
        const int BeyondShorterForm = sizeof(ulong) - sizeof(ushort);
        return start.Length >= BeyondShorterForm && !start[..BeyondShorterForm].ContainsAnyExcept((byte)0)
            ? ProtocolViolation.NonMinimalLength
            : null;
    }

    /// <summary>A whole length of 16 or 64 bits.</summary>
    public static ProtocolViolation? JudgeExtendedLength(ulong length, int bytes)
    {
        Debug.Assert(bytes is sizeof(ushort) or sizeof(ulong), "RFC 6455 §5.2 has no other extended length.");

        // RFC 6455 §5.2: "the most significant bit MUST be 0"
        if (length > long.MaxValue)
        {
            return ProtocolViolation.LengthTopBit;
        }

        // RFC 6455 §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length"
        var longestShorterForm = bytes == sizeof(ushort) ? FrameHeader.MaxControlPayload : ushort.MaxValue;
        return length <= (ulong)longestShorterForm ? ProtocolViolation.NonMinimalLength : null;
    }
}
