using System.Security.Cryptography;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>The bytes that every client sends for a given kind and length.</summary>
public static class Pattern
{
    /// <summary>The bytes of a message.</summary>
    /// <param name="length">How many.</param>
    /// <param name="kind">
    /// <c>pattern</c>: no two neighbouring blocks of 256 are the same; <c>zeros</c>; <c>random</c>: deflate finds nothing in them, as they repeat
    /// beyond its window.
    /// </param>
    public static byte[] Bytes(int length, string kind = "pattern")
    {
        var bytes = new byte[length];
        var block = bytes.AsSpan(0, Math.Min(length, 65536));
        var random = 1u;
        for (var i = 0; i < block.Length && kind != "zeros"; i++)
        {
            random = (random * 1664525) + 1013904223;
            block[i] = kind == "random" ? (byte)(random >> 24) : (byte)((i * 31) + (i >> 8));
        }

        for (var done = block.Length; done < length; done += block.Length)
        {
            block[..Math.Min(block.Length, length - done)].CopyTo(bytes.AsSpan(done));
        }

        return bytes;
    }

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
