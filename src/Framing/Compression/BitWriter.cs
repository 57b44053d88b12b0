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
    /// <param name="count">How many: at most 32.</param>
    public void Write(uint value, int count)
    {
        _bits |= (ulong)value << _count;
        _count += count;
        if (_count >= 32)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_destination[Written..], (uint)_bits);
            Written += sizeof(uint);
            _bits >>= 32;
            _count -= 32;
        }
    }

    /// <summary>Fills the last byte up with zeros.</summary>
    public void Align()
    {
        for (; _count > 0; _count -= 8)
        {
            _destination[Written++] = (byte)_bits;
            _bits >>= 8;
        }

        _count = 0;
    }

    /// <summary>Writes whole bytes, at a byte's beginning.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Written..]);
        Written += bytes.Length;
    }
}
