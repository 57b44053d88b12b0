namespace RawSocketChat.Handshake;

/// <summary>What a list of subprotocols must be, at either end.</summary>
internal static class SubProtocolList
{
    public static void Validate(IEnumerable<string> subProtocols, string parameterName)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string subProtocol in subProtocols)
        {
            // RFC 6455 §4.1: "The elements that comprise this value MUST be non-empty strings with characters in the range
            // U+0021 to U+007E not including separator characters as defined in [RFC2616]"
            if (!HttpSyntax.IsToken(subProtocol))
            {
                throw new ArgumentException($"\"{subProtocol}\" is not a token (RFC 9110 §5.6.2).", parameterName);
            }

            // RFC 6455 §4.1: "and MUST all be unique strings."
            if (!seen.Add(subProtocol))
            {
                throw new ArgumentException($"\"{subProtocol}\" occurs twice.", parameterName);
            }
        }
    }
}
