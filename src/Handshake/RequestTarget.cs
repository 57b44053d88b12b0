using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// A request target taken apart (RFC 9112 §3.2): offsets in bytes from its start. The authority lies from
/// <paramref name="AuthorityStart"/> to <paramref name="PathStart"/> and is empty in origin-form; the query, where
/// <paramref name="PathEnd"/> is not <paramref name="Length"/>, begins behind the '?' at <paramref name="PathEnd"/>.
/// </summary>
internal readonly record struct RequestTarget(int AuthorityStart, int PathStart, int PathEnd, int Length)
{
    public bool IsAbsolute => AuthorityStart > 0;

    // Answers the reason why the target is refused, or null.
    public static string? Parse(ReadOnlyMemory<byte> text, out RequestTarget target)
    {
        target = default;
        ReadOnlySpan<byte> bytes = text.Span;

        // RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs
        // and MUST NOT be used on these URIs."
        if (bytes.Contains((byte)'#'))
        {
            return "The request target has a fragment.";
        }

        int authorityStart = 0;
        int pathStart = 0;

        // RFC 9112 §3.2: asterisk-form and authority-form serve OPTIONS and CONNECT, neither of which is served here.
        if (bytes[0] != '/')
        {
            authorityStart = EndOfScheme(bytes);
            if (authorityStart == 0)
            {
                return "The request target is neither in origin-form nor in absolute-form.";
            }

            int authorityLength = bytes[authorityStart..].IndexOfAny((byte)'/', (byte)'?');
            pathStart = authorityLength < 0 ? bytes.Length : authorityStart + authorityLength;

            // RFC 9110 §4.2.4: user information in a received reference is an error.
            if (!Authority.TryParse(text[authorityStart..pathStart], out _))
            {
                return "The request target's authority is not a host and an optional port.";
            }
        }

        int pathLength = bytes[pathStart..].IndexOf((byte)'?');
        int pathEnd = pathLength < 0 ? bytes.Length : pathStart + pathLength;
        target = new RequestTarget(authorityStart, pathStart, pathEnd, bytes.Length);
        return null;
    }

    // RFC 6455 §4.2.1: "(or an absolute HTTP/HTTPS URI containing the /resource name/)". The ws and wss forms mean the same.
    private static int EndOfScheme(ReadOnlySpan<byte> target)
    {
        int colon = target.IndexOf("://"u8);
        if (colon < 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> scheme = target[..colon];
        bool known = Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "https"u8)
            || Ascii.EqualsIgnoreCase(scheme, "ws"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8);
        return known ? colon + 3 : 0;
    }
}
