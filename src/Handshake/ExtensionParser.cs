using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>Reads Sec-WebSocket-Extensions (RFC 6455 §9.1) over all its fields: a client's offers, or a server's answer to them.</summary>
internal static class ExtensionParser
{
    // Of offers and parameters together. Each costs some fifty bytes of memory for as few as two bytes sent; a browser sends two.
    public const int MaxElements = 64;

    public static HttpRefusal? Parse(HeaderFields fields, out IReadOnlyList<ExtensionOffer> offers)
    {
        offers = [];
        if (fields.CountOf("Sec-WebSocket-Extensions", out _) == 0)
        {
            return null;
        }

        var found = new List<ExtensionOffer>();
        int elements = 0;
        foreach (Range range in fields.Elements("Sec-WebSocket-Extensions"))
        {
            ReadOnlySpan<byte> element = fields.Bytes(range);

            // RFC 9110 §5.6.1: empty elements of a list are ignored; 1#extension asks for one that is not.
            if (element.IsEmpty)
            {
                continue;
            }

            elements += 1 + element.Count((byte)';');
            if (elements > MaxElements)
            {
                return new HttpRefusal(431, "Sec-WebSocket-Extensions holds too much.");
            }

            // RFC 6455 §9.1: "If a value is received by either the client or the server during negotiation that does not
            // conform to the ABNF below, the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_."
            if (ParseOffer(element) is not { } offer)
            {
                return Malformed;
            }

            found.Add(offer);
        }

        offers = found;
        return found.Count == 0 ? Malformed : null;
    }

    private static HttpRefusal Malformed => HttpRefusal.BadRequest("Sec-WebSocket-Extensions is malformed.");

    // RFC 6455 §9.1: extension = extension-token *( ";" extension-param ). Null when it is not.
    private static ExtensionOffer? ParseOffer(ReadOnlySpan<byte> text)
    {
        string? name = null;
        List<ExtensionParameter>? parameters = null;
        foreach (Range range in text.Split((byte)';'))
        {
            ReadOnlySpan<byte> part = HttpSyntax.TrimOws(text[range]);
            if (name is null)
            {
                if (!HttpSyntax.IsToken(part))
                {
                    return null;
                }

                name = Encoding.ASCII.GetString(part);
            }
            else if (ParseParameter(part) is { } parameter)
            {
                (parameters ??= []).Add(parameter);
            }
            else
            {
                return null;
            }
        }

        return new ExtensionOffer(name!, (IReadOnlyList<ExtensionParameter>?)parameters ?? []);
    }

    // RFC 6455 §9.1: extension-param = token [ "=" (token | quoted-string) ], with the "implied *LWS rule". A value that is neither makes its
    // offer one that nobody can accept, and is no reason to refuse a client whose other offers, or whose messages, are sound: most servers
    // bear it, and §9.1 asks to fail the connection for what cannot be told apart from the rest of the field.
    private static ExtensionParameter? ParseParameter(ReadOnlySpan<byte> text)
    {
        int equals = text.IndexOf((byte)'=');
        ReadOnlySpan<byte> name = equals < 0 ? text : HttpSyntax.TrimOws(text[..equals]);
        if (!HttpSyntax.IsToken(name))
        {
            return null;
        }

        if (equals < 0)
        {
            return new ExtensionParameter(Encoding.ASCII.GetString(name), null);
        }

        ReadOnlySpan<byte> value = HttpSyntax.TrimOws(text[(equals + 1)..]);
        return new ExtensionParameter(Encoding.ASCII.GetString(name), ParseValue(value) ?? "") { IsQuoted = value is [(byte)'"', ..] };
    }

    // RFC 6455 §9.1: "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform
    // to the 'token' ABNF." So it holds none of the list's separators, and the splits made before have cut no sound value.
    private static string? ParseValue(ReadOnlySpan<byte> text)
    {
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"')
        {
            byte[] unescaped = new byte[text.Length];
            text = Unescape(text[1..^1], unescaped);
        }

        return HttpSyntax.IsToken(text) ? Encoding.ASCII.GetString(text) : null;
    }

    // RFC 9110 §5.6.4: quoted-pair. An escape at the end escapes the closing quote: the string is not closed, and empty says so.
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> quoted, Span<byte> unescaped)
    {
        int length = 0;
        for (int i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '"')
            {
                return [];
            }

            if (quoted[i] == '\\' && ++i == quoted.Length)
            {
                return [];
            }

            unescaped[length++] = quoted[i];
        }

        return unescaped[..length];
    }
}
