using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>A server's half of the opening handshake: RFC 6455 §4.2.1 is checked to the letter, §4.2.2 answered.</summary>
public static class UpgradeNegotiator
{
    private static readonly KeyValuePair<string, string> Version13 = new("Sec-WebSocket-Version", "13");

    /// <summary>Judges an upgrade request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="policy">What the server supports and allows.</param>
    /// <returns>What is answered.</returns>
    public static UpgradeResult Negotiate(HttpRequest request, UpgradePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(policy);

        // RFC 6455 §4.2.1: "An HTTP/1.1 or higher GET request"
        if (request.Method != "GET")
        {
            return UpgradeResult.Refused(405, "An upgrade is a GET request.", new("Allow", "GET"));
        }

        // RFC 6455 §4.2.1: "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value."
        if (!request.HasToken("Upgrade", "websocket"))
        {
            return UpgradeResult.Refused(400, "The Upgrade field does not name websocket.");
        }

        // RFC 6455 §4.2.1: "A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive value."
        if (!request.HasToken("Connection", "Upgrade"))
        {
            return UpgradeResult.Refused(400, "The Connection field does not name Upgrade.");
        }

        // RFC 6455 §4.4: a server that does not speak the version says which one it does. A missing or doubled field is no version either.
        if (request.CountOf("Sec-WebSocket-Version") != 1 || !request.FirstValue("Sec-WebSocket-Version").SequenceEqual("13"u8))
        {
            return UpgradeResult.Refused(426, "Only WebSocket version 13 is spoken here.", Version13);
        }

        // RFC 6455 §11.3.1: "The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request."
        var key = request.FirstValue("Sec-WebSocket-Key");
        if (request.CountOf("Sec-WebSocket-Key") != 1 || !AcceptKey.IsWellFormed(key))
        {
            return UpgradeResult.Refused(400, "There must be exactly one Sec-WebSocket-Key, 16 bytes in base64.");
        }

        if (!TryParseSubProtocols(request, out var offered))
        {
            return UpgradeResult.Refused(400, "The Sec-WebSocket-Protocol field is malformed.");
        }

        IReadOnlyList<ExtensionOffer>? offers = [];
        if (request.Header("Sec-WebSocket-Extensions") is { } extensions && !ExtensionOffer.TryParse(extensions, out offers))
        {
            return UpgradeResult.Refused(400, "The Sec-WebSocket-Extensions field is malformed.");
        }

        // RFC 6455 §4.2.2: "If the server does not wish to accept this connection, it MUST return an appropriate HTTP error code
        // (e.g., 403 Forbidden)"
        if (!policy.Origins.Allows(request))
        {
            return UpgradeResult.Refused(403, "This origin may not connect.");
        }

        Span<byte> accept = stackalloc byte[AcceptKey.AcceptLength];
        AcceptKey.Compute(key, accept);
        return new(null, Encoding.ASCII.GetString(accept), Choose(policy.SubProtocols, offered), offers!);
    }

    // RFC 6455 §4.1: "The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E not
    // including separator characters ... and MUST all be unique strings."
    private static bool TryParseSubProtocols(HttpRequest request, out List<string>? offered)
    {
        offered = null;
        if (request.Header("Sec-WebSocket-Protocol") is not { } value)
        {
            return true;
        }

        offered = [];
        foreach (var element in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!HttpGrammar.IsToken(element) || offered.Contains(element))
            {
                return false;
            }

            offered.Add(element);
        }

        return true;
    }

    private static string? Choose(IReadOnlyList<string> supported, List<string>? offered)
    {
        if (offered is not null)
        {
            foreach (var name in supported)
            {
                if (offered.Contains(name))
                {
                    return name;
                }
            }
        }

        return null;
    }
}
