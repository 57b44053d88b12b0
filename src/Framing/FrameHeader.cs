using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RawSocketChat.Framing;

/// <summary>
/// The header of one frame as RFC 6455 §5.2 lays it out: 2 to 14 bytes, followed by <see cref="PayloadLength"/> bytes of payload.
/// </summary>
/// <param name="IsFinal">FIN: this frame is the last (or only) fragment of its message.</param>
/// <param name="Opcode">What the frame is.</param>
/// <param name="IsMasked">MASK: the payload is masked with <paramref name="MaskKey"/>.</param>
/// <param name="MaskKey">The masking key, its four bytes in wire order in memory; 0 where <paramref name="IsMasked"/> is false.</param>
/// <param name="PayloadLength">The payload's length in bytes, 0 to 2⁶³-1.</param>
public readonly record struct FrameHeader(bool IsFinal, Opcode Opcode, bool IsMasked, uint MaskKey, long PayloadLength)
{
    /// <summary>The longest header in bytes: 2, plus 8 of extended length, plus 4 of masking key.</summary>
    public const int MaxSize = 14;

    /// <summary>The longest payload of a control frame in bytes (RFC 6455 §5.5).</summary>
    public const int MaxControlPayload = 125;

    private const byte FinalBit = 0x80;
    private const byte CompressedBit = 0x40;
    private const byte MaskBit = 0x80;
    private const byte Length16 = 126;
    private const byte Length64 = 127;

    /// <summary>RSV1: this frame starts a message that is compressed (RFC 7692 §6). False unless set; only the first frame of a message has it.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>This header's length in bytes: 2 to <see cref="MaxSize"/>.</summary>
    public int Size => SizeOf(PayloadLength, IsMasked);

    /// <summary>The length in bytes of the header of a frame with that payload.</summary>
    /// <param name="payloadLength">The payload's length in bytes, not negative.</param>
    /// <param name="masked">Whether the header carries a masking key.</param>
    /// <returns>2 to <see cref="MaxSize"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="payloadLength"/> is negative.</exception>
    public static int SizeOf(long payloadLength, bool masked)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        var extended = payloadLength switch
        {
            < Length16 => 0,
            <= ushort.MaxValue => sizeof(ushort),
            _ => sizeof(ulong),
        };
        return 2 + extended + (masked ? sizeof(uint) : 0);
    }

    /// <summary>
    /// Reads and judges the header at the start of <paramref name="source"/>. A rule that is broken is told as soon as the byte
    /// that breaks it is there. Nothing is consumed: where the answer is <see cref="FrameReadStatus.Done"/>, the caller goes on
    /// behind <see cref="Size"/> bytes.
    /// </summary>
    /// <param name="source">Bytes received so far, starting at a frame boundary; any number.</param>
    /// <param name="receiver">The role of the end that received them.</param>
    /// <param name="state">Whether a fragmented message is under way in this direction.</param>
    /// <param name="header">The header, where the answer is <see cref="FrameReadStatus.Done"/>.</param>
    /// <param name="violation">The rule that was broken, where the answer is <see cref="FrameReadStatus.Violation"/>.</param>
    /// <param name="mayBeCompressed">Whether permessage-deflate was negotiated (RFC 7692): RSV1 has a meaning then.</param>
    /// <returns>What came of it; never an exception, whatever the bytes are.</returns>
    public static FrameReadStatus TryRead(
        ReadOnlySpan<byte> source,
        EndpointRole receiver,
        FragmentState state,
        out FrameHeader header,
        out ProtocolViolation? violation,
        bool mayBeCompressed = false)
    {
        header = default;
        violation = null;

        if (source.IsEmpty)
        {
            return FrameReadStatus.NeedMoreData;
        }

        violation = FrameRules.JudgeFirstByte(source[0], state, mayBeCompressed);
        if (violation is not null)
        {
            return FrameReadStatus.Violation;
        }

        if (source.Length < 2)
        {
            return FrameReadStatus.NeedMoreData;
        }

        violation = FrameRules.JudgeSecondByte(source[0], source[1], receiver);
        if (violation is not null)
        {
            return FrameReadStatus.Violation;
        }

        var masked = (source[1] & MaskBit) != 0;
        long length = source[1] & ~MaskBit;
        var position = 2;
        if (length >= Length16)
        {
            var extended = length == Length16 ? sizeof(ushort) : sizeof(ulong);
            if (source.Length < position + extended)
            {
                violation = FrameRules.JudgeLengthStart(source[position..], extended);
                return violation is null ? FrameReadStatus.NeedMoreData : FrameReadStatus.Violation;
            }

            var wide = length == Length16
                ? BinaryPrimitives.ReadUInt16BigEndian(source[position..])
                : BinaryPrimitives.ReadUInt64BigEndian(source[position..]);
            violation = FrameRules.JudgeExtendedLength(wide, extended);
            if (violation is not null)
            {
                return FrameReadStatus.Violation;
            }

            length = (long)wide;
            position += extended;
        }

        uint key = 0;
        if (masked)
        {
            if (source.Length < position + sizeof(uint))
            {
                return FrameReadStatus.NeedMoreData;
            }

            key = MemoryMarshal.Read<uint>(source[position..]);
        }

        header = new FrameHeader((source[0] & FinalBit) != 0, (Opcode)(source[0] & 0x0F), masked, key, length)
        {
            IsCompressed = (source[0] & CompressedBit) != 0,
        };
        return FrameReadStatus.Done;
    }

    /// <summary>Writes this header in its shortest form (RFC 6455 §5.2: "the minimal number of bytes MUST be used").</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <returns>How many bytes were written: <see cref="Size"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="PayloadLength"/> is negative.</exception>
    public int Write(Span<byte> destination)
    {
        var size = Size;
        if (destination.Length < size)
        {
            throw new ArgumentException($"The header needs {size} bytes; destination has {destination.Length}.", nameof(destination));
        }

        destination[0] = (byte)((IsFinal ? FinalBit : 0) | (IsCompressed ? CompressedBit : 0) | (byte)Opcode);
        var mask = IsMasked ? MaskBit : (byte)0;
        switch (PayloadLength)
        {
            case < Length16:
                destination[1] = (byte)(mask | (byte)PayloadLength);
                break;
            case <= ushort.MaxValue:
                destination[1] = (byte)(mask | Length16);
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)PayloadLength);
                break;
            default:
                destination[1] = (byte)(mask | Length64);
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)PayloadLength);
                break;
        }

        if (IsMasked)
        {
            MemoryMarshal.Write(destination[(size - sizeof(uint))..], MaskKey);
        }

        return size;
    }
}
