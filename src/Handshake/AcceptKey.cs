using System.Buffers.Text;
using System.Security.Cryptography;

namespace RawSocketChat.Handshake;

/// <summary>The value of <c>Sec-WebSocket-Accept</c> (RFC 6455 §4.2.2, 5.4).</summary>
public static class AcceptKey
{
    /// <summary>The length of a key in ASCII characters: 16 bytes in base64.</summary>
    public const int KeyLength = 24;

    /// <summary>The length of an accept value in ASCII characters: 20 bytes in base64.</summary>
    public const int AcceptLength = 28;

    /// <summary>Whether a key is well-formed. RFC 6455 §4.2.1: "a base64-encoded ... value that, when decoded, is 16 bytes in length".</summary>
    /// <param name="key">The value of <c>Sec-WebSocket-Key</c>.</param>
    /// <returns>True where it decodes to 16 bytes.</returns>
    public static bool IsWellFormed(ReadOnlySpan<byte> key)
    {
        Span<byte> decoded = stackalloc byte[18];

        // The decoder passes over white space; a key of 24 characters that decodes to 16 bytes has none.
        return key.Length == KeyLength && Base64.DecodeFromUtf8(key, decoded, out _, out var length) == System.Buffers.OperationStatus.Done
            && length == 16;
    }

    /// <summary>Computes the accept value for a key.</summary>
    /// <param name="key">The key's 24 ASCII characters, not decoded.</param>
    /// <param name="destination">At least 28 bytes; the value goes into the first 28.</param>
    /// <exception cref="ArgumentException">The key's length is another, or <paramref name="destination"/> is too short.</exception>
    public static void Compute(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A key has {KeyLength} characters.", nameof(key));
        }

        if (destination.Length < AcceptLength)
        {
            throw new ArgumentException($"The value needs {AcceptLength} bytes.", nameof(destination));
        }

        // RFC 6455 §1.3: "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        var guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;
        Span<byte> salted = stackalloc byte[KeyLength + guid.Length];
        key.CopyTo(salted);
        guid.CopyTo(salted[KeyLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];

#pragma warning disable CA5350 // The protocol names SHA-1 (RFC 6455 §1.3); it protects nothing here.
        SHA1.HashData(salted, hash);
#pragma warning restore CA5350
        Base64.EncodeToUtf8(hash, destination, out _, out _);
    }
}
