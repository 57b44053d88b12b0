using System.Security.Cryptography;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>The bytes that every client sends for a given length: no two neighbouring blocks of 256 are the same.</summary>
public static class Pattern
{
    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 31) + (i >> 8));
        }

        return bytes;
    }

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
