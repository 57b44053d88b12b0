using System.Buffers.Binary;

namespace RawSocketChat.Framing;

/// <summary>Bits to bytes, the least significant ones first (RFC 1951 §3.1.1). The destination has room for eight bytes more than are written.</summary>
/// <param name="destination">Where to.</param>
/// <param name="pending">The bits that come first.</param>
internal ref struct BitWriter(Span<byte> destination, PendingBits pending)
{
    private readonly Span<byte> _destination = destination;
    private ulong _bits = pending.Bits;
    private int _count = pending.Count;

    /// <summary>How many whole bytes are written.</summary>
    public int Written { get; private set; }

    /// <summary>The bits that are left; whoever goes on elsewhere begins with them.</summary>
    public readonly PendingBits Pending => new((uint)_bits, _count);

    /// <summary>Writes bits; those of <paramref name="value"/> beyond them are 0.</summary>
    /// <param name="value">The bits.</param>
    /// <param name="count">How many: at most 56.</param>
    public void Write(ulong value, int count)
    {
        _bits |= value << _count;
        _count += count;

        // Always a whole word, of which the next one overwrites what is not filled: cheaper than to ask whether it is full.
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[Written..], _bits);
        var bytes = _count >> 3;
        Written += bytes;
        _bits >>= 8 * bytes;
        _count &= 7;
    }

    /// <summary>Fills the last byte up with zeros.</summary>
    public void Align()
    {
        if (_count > 0)
        {
            Write(0, 8 - _count);
        }
    }

    /// <summary>Writes whole bytes, at a byte's beginning.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Written..]);
        Written += bytes.Length;
    }
}
