using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>The character classes of HTTP/1.1's grammar, and the few list rules that are needed.</summary>
internal static class HttpGrammar
{
    // RFC 9110 §5.6.2: tchar.
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // RFC 9110 §5.5: field content is visible ASCII, bytes above ASCII, space and tab.
    private static readonly SearchValues<byte> ValueBytes =
        SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => b is '\t' or (>= 0x20 and not 0x7F)).Select(b => (byte)b)]);

    // RFC 9112 §3.2 and RFC 3986: a target is visible ASCII; a fragment is not sent.
    private static readonly SearchValues<byte> TargetBytes =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7F - 0x21).Where(b => b != '#').Select(b => (byte)b)]);

    // RFC 3986 §3.2: host and port, without user information.
    private static readonly SearchValues<byte> AuthorityBytes =
        SearchValues.Create("-._~%!$&'()*+;=:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Whether the bytes are a token.</summary>
    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    /// <summary>Whether the characters are a token.</summary>
    public static bool IsToken(ReadOnlySpan<char> characters)
    {
        foreach (var character in characters)
        {
            if (character > 0x7F || !TokenBytes.Contains((byte)character))
            {
                return false;
            }
        }

        return !characters.IsEmpty;
    }

    /// <summary>Whether the bytes may stand in a field's value.</summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(ValueBytes);

    /// <summary>Whether the bytes may stand in a request target.</summary>
    public static bool IsTarget(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TargetBytes);

    /// <summary>Whether the bytes have the shape of a host with or without a port.</summary>
    public static bool IsAuthority(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(AuthorityBytes);

    /// <summary>The bytes without optional white space around them (RFC 9110 §5.6.3).</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes) => bytes.Trim(" \t"u8);

    /// <summary>Takes the first element of a comma-separated list without quoted strings.</summary>
    /// <param name="list">The list; what is behind the element afterwards.</param>
    /// <returns>The element, trimmed; may be empty.</returns>
    public static ReadOnlySpan<byte> NextElement(ref ReadOnlySpan<byte> list)
    {
        var comma = list.IndexOf((byte)',');
        var element = comma < 0 ? list : list[..comma];
        list = comma < 0 ? default : list[(comma + 1)..];
        return Trim(element);
    }
}
