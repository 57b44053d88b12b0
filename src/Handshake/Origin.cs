using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>A serialized origin taken apart (RFC 6454 §6.2): scheme "://" host [ ":" port ] and nothing else.</summary>
internal readonly record struct Origin(ReadOnlyMemory<byte> Scheme, Authority Authority)
{
    public static bool TryParse(ReadOnlyMemory<byte> text, out Origin origin)
    {
        origin = default;
        int colon = text.Span.IndexOf("://"u8);
        if (colon < 0 || !IsScheme(text.Span[..colon]) || !Authority.TryParse(text[(colon + 3)..], out Authority authority))
        {
            return false;
        }

        origin = new Origin(text[..colon], authority);
        return true;
    }

    // The default port of a scheme, or -1: two origins of a scheme without one are the same only when both name none.
    public static int DefaultPort(ReadOnlySpan<byte> scheme)
    {
        if (Ascii.EqualsIgnoreCase(scheme, "https"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8))
        {
            return 443;
        }

        return Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "ws"u8) ? 80 : -1;
    }

    // RFC 6455 §4.2.2: "The origin is serialized to ASCII and converted to lowercase."
    public bool IsSame(Origin other)
    {
        int defaultPort = DefaultPort(Scheme.Span);
        return Ascii.EqualsIgnoreCase(Scheme.Span, other.Scheme.Span)
            && Authority.HasHost(other.Authority)
            && (Authority.Port ?? defaultPort) == (other.Authority.Port ?? defaultPort);
    }

    // RFC 3986 §3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ).
    private static bool IsScheme(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter((char)text[0]))
        {
            return false;
        }

        foreach (byte b in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        return true;
    }
}
