using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>A host and an optional port (RFC 9110 §7.2, RFC 3986 §3.2): of a Host field, a request target or an origin.</summary>
/// <param name="Host">As sent: a name, an IPv4 address, or an IPv6 address in its brackets.</param>
/// <param name="Port">0 to 65535, or null where none is given.</param>
internal readonly record struct Authority(ReadOnlyMemory<byte> Host, int? Port)
{
    // RFC 3986 §3.2.2: reg-name, of unreserved, sub-delims and pct-encoded.
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%"u8);

    // RFC 3986 §3.2.2: IPv6address. Characters only: an address that is none can equal no host that somebody allowed.
    private static readonly SearchValues<byte> AddressBytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static bool TryParse(ReadOnlyMemory<byte> text, out Authority authority)
    {
        authority = default;
        ReadOnlySpan<byte> bytes = text.Span;
        int hostLength = HostLength(bytes);
        if (hostLength == 0 || !TryParsePort(bytes[hostLength..], out int? port))
        {
            return false;
        }

        authority = new Authority(text[..hostLength], port);
        return true;
    }

    public bool HasHost(Authority other) => Ascii.EqualsIgnoreCase(Host.Span, other.Host.Span);

    // 0 when the text does not begin with a host.
    private static int HostLength(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("["u8))
        {
            int close = text.IndexOf((byte)']');
            return close > 1 && !text[1..close].ContainsAnyExcept(AddressBytes) ? close + 1 : 0;
        }

        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? text : text[..colon];
        return !name.ContainsAnyExcept(NameBytes) && HasOnlyWholeEscapes(name) ? name.Length : 0;
    }

    private static bool HasOnlyWholeEscapes(ReadOnlySpan<byte> name)
    {
        for (int percent = name.IndexOf((byte)'%'); percent >= 0; percent = name.IndexOf((byte)'%'))
        {
            if (name.Length < percent + 3
                || !char.IsAsciiHexDigit((char)name[percent + 1])
                || !char.IsAsciiHexDigit((char)name[percent + 2]))
            {
                return false;
            }

            name = name[(percent + 3)..];
        }

        return true;
    }

    // RFC 3986 §3.2.3: port = *DIGIT, so ":" alone is a port that is not given.
    private static bool TryParsePort(ReadOnlySpan<byte> text, out int? port)
    {
        port = null;
        if (text.IsEmpty || text.SequenceEqual(":"u8))
        {
            return true;
        }

        // Five digits at most and nothing else: Utf8Parser alone would take a sign and stop before a letter.
        if (text[0] != ':' || text.Length > 6 || text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !Utf8Parser.TryParse(text[1..], out int number, out _) || number > 65535)
        {
            return false;
        }

        port = number;
        return true;
    }
}
