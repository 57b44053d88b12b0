using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The proof that a server has understood an opening handshake (RFC 6455 §4.2.2 item 5.4). Allocates nothing.</summary>
public static class AcceptKey
{
    /// <summary>The length of a Sec-WebSocket-Key in bytes: 16 bytes in base64.</summary>
    public const int KeyLength = 24;

    /// <summary>The length of a Sec-WebSocket-Accept in bytes: a SHA-1 hash in base64.</summary>
    public const int AcceptLength = 28;

    private const int HashLength = SHA1.HashSizeInBytes;

    private static readonly SearchValues<byte> Base64Bytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Computes the Sec-WebSocket-Accept value for a key.</summary>
    /// <param name="key">The Sec-WebSocket-Key as sent, without surrounding white space: <see cref="KeyLength"/> bytes of ASCII.</param>
    /// <param name="destination">Receives <see cref="AcceptLength"/> bytes of ASCII; may be longer.</param>
    /// <exception cref="ArgumentException">The key has another length, or the destination is too short.</exception>
    [SuppressMessage(
        "Security", "CA5350:Do Not Use Weak Cryptographic Algorithms",
        Justification = "RFC 6455 §4.2.2 prescribes SHA-1; it protects no secret.")]
    public static void Compute(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A key has {KeyLength} bytes, not {key.Length}.", nameof(key));
        }

        if (destination.Length < AcceptLength)
        {
            throw new ArgumentException($"The destination needs {AcceptLength} bytes and has {destination.Length}.", nameof(destination));
        }

        // RFC 6455 §4.2.2: "concatenating /key/, defined above in step 4 in Section 4.2.2, with the string
        // "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", taking the SHA-1 hash of this concatenated value"
        Span<byte> input = stackalloc byte[KeyLength + 36];
        key.CopyTo(input);
        Guid.CopyTo(input[KeyLength..]);
        Span<byte> hash = stackalloc byte[HashLength];
        SHA1.HashData(input, hash);
        Base64.EncodeToUtf8(hash, destination, out _, out _);
    }

    // RFC 6455 §4.2.1: "a base64-encoded (see Section 4 of [RFC4648]) value that, when decoded, is 16 bytes in length."
    // The four bits that the last character has to spare may be anything: in the example of §4.1 they are not zero.
    internal static bool IsKey(ReadOnlySpan<byte> text) =>
        text.Length == KeyLength && text.EndsWith("=="u8) && !text[..^2].ContainsAnyExcept(Base64Bytes);

    // The bytes of a key that is our own.
    internal static byte[] Encode(string key, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(key, parameterName);
        byte[] bytes = Encoding.ASCII.GetBytes(key);
        return IsKey(bytes) ? bytes : throw new ArgumentException("A key is the base64 of 16 bytes.", parameterName);
    }
}
