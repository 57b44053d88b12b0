using System.Buffers.Binary;

namespace RawSocketChat.Framing;

/// <summary>
/// Bits from bytes, the least significant ones first (RFC 1951 §3.1.1). Holds up to 63 of them, so that what spans two pieces of input is read
/// as if it did not.
/// </summary>
internal ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _source;
    private ulong _bits;

    /// <summary>Goes on with bits that were left of the input before.</summary>
    public BitReader(ReadOnlySpan<byte> source, ulong bits, int count)
    {
        _source = source;
        _bits = bits;
        Count = count;
    }

    /// <summary>How many bits there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes of the source were taken.</summary>
    public int Position { get; private set; }

    /// <summary>The bits that there are.</summary>
    public readonly ulong Bits => _bits;

    /// <summary>Whether eight bytes of the source are left: enough for <see cref="FillFast"/>.</summary>
    public readonly bool HasEight => _source.Length - Position >= sizeof(ulong);

    /// <summary>Takes bytes until there are so many bits.</summary>
    /// <param name="count">At most 56.</param>
    /// <returns>False where the source does not suffice; all of it is taken then.</returns>
    public bool TryFill(int count)
    {
        while (Count < count)
        {
            if (Position == _source.Length)
            {
                return false;
            }

            _bits |= (ulong)_source[Position++] << Count;
            Count += 8;
        }

        return true;
    }

    /// <summary>Takes bytes until there are at least 56 bits. Only where <see cref="HasEight"/>.</summary>
    public void FillFast()
    {
        _bits |= BinaryPrimitives.ReadUInt64LittleEndian(_source[Position..]) << Count;
        var bytes = (63 - Count) >> 3;
        Position += bytes;
        Count += 8 * bytes;

        // What was read beyond the bytes that were taken will be read again.
        _bits &= ulong.MaxValue >> (64 - Count);
    }

    /// <summary>Looks at bits; those that are not there are 0.</summary>
    public readonly int Peek(int count) => (int)_bits & ((1 << count) - 1);

    /// <summary>Takes bits that are there.</summary>
    public int Take(int count)
    {
        var value = Peek(count);
        Skip(count);
        return value;
    }

    /// <summary>Leaves out bits that are there.</summary>
    public void Skip(int count)
    {
        _bits >>= count;
        Count -= count;
    }

    /// <summary>Copies whole bytes; the bits must stand at a byte's beginning.</summary>
    /// <returns>How many.</returns>
    public int CopyTo(Span<byte> destination)
    {
        var copied = 0;
        while (copied < destination.Length && Count > 0)
        {
            destination[copied++] = (byte)Take(8);
        }

        var length = Math.Min(destination.Length - copied, _source.Length - Position);
        _source.Slice(Position, length).CopyTo(destination[copied..]);
        Position += length;
        return copied + length;
    }
}
