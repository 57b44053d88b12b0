using System.Buffers.Binary;
using System.Numerics;

namespace BareTcp;

/// <summary>Just enough of frames: masked ones that come are turned, where they lie, into unmasked ones that go.</summary>
internal static class Frames
{
    private const int MaskBit = 0x80;
    private const int MaskSize = 4;

    /// <summary>Turns every whole frame; the answers lie at the start of the same bytes, four bytes a frame shorter.</summary>
    /// <returns>How many bytes the whole frames took, and how many their answers take.</returns>
    public static (int Consumed, int Answered, bool Closed) Turn(Span<byte> bytes)
    {
        var (consumed, answered) = (0, 0);
        while (TryReadHeader(bytes[consumed..], out var headerSize, out var payloadSize))
        {
            var opcode = bytes[consumed] & 0x0F;
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(consumed + headerSize - MaskSize)..]);
            var header = bytes.Slice(consumed, headerSize - MaskSize);
            header[1] &= unchecked((byte)~MaskBit);
            header.CopyTo(bytes[answered..]);
            answered += header.Length;

            Unmask(bytes.Slice(consumed + headerSize, payloadSize), bytes.Slice(answered, payloadSize), mask);
            answered += payloadSize;
            consumed += headerSize + payloadSize;
            if (opcode == 8)
            {
                return (consumed, answered, true);
            }
        }

        return (consumed, answered, false);
    }

    /// <summary>The size that a buffer must have for the first frame; 0 where even that is not known yet.</summary>
    public static int NeededSize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 14)
        {
            return 0;
        }

        var length = bytes[1] & 0x7F;
        return length < 126 ? 6 + length
            : length == 126 ? 8 + BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
            : 14 + (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out int headerSize, out int payloadSize)
    {
        (headerSize, payloadSize) = (0, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        var length = bytes[1] & 0x7F;
        headerSize = MaskSize + (length < 126 ? 2 : length == 126 ? 4 : 10);
        if (bytes.Length < headerSize)
        {
            return false;
        }

        payloadSize = length < 126 ? length
            : length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
            : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
        return bytes.Length - headerSize >= payloadSize;
    }

    // The destination lies a little before the source, in the same bytes: forward, what is read has never been written. A copy of bytes
    // that overlap so closely would be far slower than this.
    private static void Unmask(ReadOnlySpan<byte> source, Span<byte> destination, uint mask)
    {
        var wide = Vector.AsVectorByte(new Vector<uint>(mask));
        var i = 0;
        for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(source[i..]) ^ wide).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (byte)(source[i] ^ (mask >> (8 * (i & 3))));
        }
    }
}
