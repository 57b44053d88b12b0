using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RawSocketChat.Framing;

/// <summary>
/// Client-to-server masking (RFC 6455 §5.3): an XOR with a key of four bytes that repeats. Masking and unmasking are the same.
/// </summary>
public static class Masking
{
    /// <summary>Masks or unmasks bytes where they lie.</summary>
    /// <param name="payload">The bytes: a whole payload, or a piece of one.</param>
    /// <param name="key">The key, its four bytes in wire order in memory.</param>
    /// <param name="offset">Where in the payload the piece starts, in bytes, not negative.</param>
    public static void Apply(Span<byte> payload, uint key, long offset = 0) =>
        Xor(ref MemoryMarshal.GetReference(payload), ref MemoryMarshal.GetReference(payload), (nuint)payload.Length, Rotate(key, offset));

    /// <summary>Masks or unmasks bytes while copying them, at the cost of the copy.</summary>
    /// <param name="source">The bytes: a whole payload, or a piece of one.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>; the two do not overlap, or are the same bytes.</param>
    /// <param name="key">The key, its four bytes in wire order in memory.</param>
    /// <param name="offset">Where in the payload the piece starts, in bytes, not negative.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> destination, uint key, long offset = 0)
    {
        if (destination.Length < source.Length)
        {
            throw new ArgumentException($"{source.Length} bytes do not fit into {destination.Length}.", nameof(destination));
        }

        Xor(
            ref MemoryMarshal.GetReference(source),
            ref MemoryMarshal.GetReference(destination),
            (nuint)source.Length,
            Rotate(key, offset));
    }

    // The key as it applies from that offset on.
    // RFC 6455 §5.3: "j = i MOD 4"
    private static uint Rotate(uint key, long offset)
    {
        var bits = (int)(offset & 3) * 8;
        return BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, bits) : BitOperations.RotateLeft(key, bits);
    }

    private static void Xor(ref byte source, ref byte destination, nuint length, uint key)
    {
        nuint i = 0;
        if (Vector256.IsHardwareAccelerated && length >= (nuint)Vector256<byte>.Count)
        {
            var mask = Vector256.Create(key).AsByte();
            const nuint Lane = 32;

            // Four lanes a turn keep both load ports busy; a wider vector brings nothing, memory is the limit.
            for (; length - i >= 4 * Lane; i += 4 * Lane)
            {
                var a = Vector256.LoadUnsafe(ref source, i) ^ mask;
                var b = Vector256.LoadUnsafe(ref source, i + Lane) ^ mask;
                var c = Vector256.LoadUnsafe(ref source, i + (2 * Lane)) ^ mask;
                var d = Vector256.LoadUnsafe(ref source, i + (3 * Lane)) ^ mask;
                a.StoreUnsafe(ref destination, i);
                b.StoreUnsafe(ref destination, i + Lane);
                c.StoreUnsafe(ref destination, i + (2 * Lane));
                d.StoreUnsafe(ref destination, i + (3 * Lane));
            }

            for (; length - i >= Lane; i += Lane)
            {
                (Vector256.LoadUnsafe(ref source, i) ^ mask).StoreUnsafe(ref destination, i);
            }
        }

        if (Vector128.IsHardwareAccelerated)
        {
            // All that ARM64 has; elsewhere what a short payload fits, and what the loops above have left.
            var mask = Vector128.Create(key).AsByte();
            const nuint Lane = 16;
            for (; length - i >= Lane; i += Lane)
            {
                (Vector128.LoadUnsafe(ref source, i) ^ mask).StoreUnsafe(ref destination, i);
            }
        }

        var wide = ((ulong)key << 32) | key;
        for (; length - i >= sizeof(ulong); i += sizeof(ulong))
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, i));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, i), word ^ wide);
        }

        if (length - i >= sizeof(uint))
        {
            var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, i));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, i), word ^ key);
            i += sizeof(uint);
        }

        // i is a multiple of four here: the key starts anew.
        for (nuint k = 0; i < length; i++, k++)
        {
            var octet = (byte)(BitConverter.IsLittleEndian ? key >> (int)(8 * (k & 3)) : key >> (int)(24 - (8 * (k & 3))));
            Unsafe.Add(ref destination, i) = (byte)(Unsafe.Add(ref source, i) ^ octet);
        }
    }
}
