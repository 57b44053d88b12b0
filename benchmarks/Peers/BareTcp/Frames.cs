using System.Buffers.Binary;

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

            var payload = bytes.Slice(consumed + headerSize, payloadSize);
            Unmask(payload, mask);
            payload.CopyTo(bytes[answered..]);
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

    private static void Unmask(Span<byte> payload, uint mask)
    {
        var wide = mask | ((ulong)mask << 32);
        while (payload.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(payload, BinaryPrimitives.ReadUInt64LittleEndian(payload) ^ wide);
            payload = payload[8..];
        }

        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= (byte)(mask >> (8 * (i & 3)));
        }
    }
}
