using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>The character classes of RFC 9110 §5.5 and §5.6 that the whole room shares.</summary>
internal static class HttpSyntax
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string TokenChars = "!#$%&'*+-.^_`|~" + Alphanumeric;

    // RFC 9110 §5.6.2: tchar.
    public static readonly SearchValues<byte> TokenBytes = SearchValues.Create([.. TokenChars.Select(c => (byte)c)]);

    // RFC 9110 §5.5: field-vchar (VCHAR and obs-text) with SP and HTAB.
    public static readonly SearchValues<byte> FieldValueBytes =
        SearchValues.Create([(byte)'\t', .. Bytes(0x20, 0x7E), .. Bytes(0x80, 0xFF)]);

    // RFC 9112 §3.2: a request target holds no whitespace, no control and nothing beyond ASCII.
    public static readonly SearchValues<byte> TargetBytes = SearchValues.Create(Bytes(0x21, 0x7E));

    private static readonly SearchValues<char> TokenCharValues = SearchValues.Create(TokenChars);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharValues);

    // What we send is ASCII: obs-text is only ever read.
    public static bool IsSendableFieldValue(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c is not ('\t' or (>= ' ' and <= '~')))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 9110 §5.6.3: OWS is SP and HTAB, nothing else that a framework may take for white space.
    public static ReadOnlySpan<byte> TrimOws(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    private static byte[] Bytes(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(b => (byte)b)];
}
