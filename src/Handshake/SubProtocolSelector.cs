namespace RawSocketChat.Handshake;

/// <summary>Chooses from Sec-WebSocket-Protocol (RFC 6455 §4.2.2 /subprotocol/) over all its fields.</summary>
internal static class SubProtocolSelector
{
    // With it, looking for a repeated element costs a bounded amount for each.
    public const int MaxElements = 64;

    public static HttpRefusal? Select(HttpRequest request, UpgradePolicy policy, out string? subProtocol)
    {
        subProtocol = null;
        Span<Range> offered = stackalloc Range[MaxElements];
        int count = 0;
        int best = int.MaxValue;
        foreach (Range range in request.Fields.Elements("Sec-WebSocket-Protocol"))
        {
            ReadOnlySpan<byte> element = request.Fields.Bytes(range);

            // RFC 6455 §4.1: "The elements that comprise this value MUST be non-empty strings with characters in the range
            // U+0021 to U+007E not including separator characters"
            if (!HttpSyntax.IsToken(element))
            {
                return HttpRefusal.BadRequest("Sec-WebSocket-Protocol is not a list of tokens.");
            }

            // RFC 6455 §4.1: "and MUST all be unique strings."
            if (Contains(request, offered[..count], element))
            {
                return HttpRefusal.BadRequest("Sec-WebSocket-Protocol names a subprotocol twice.");
            }

            if (count == MaxElements)
            {
                return new HttpRefusal(431, "Sec-WebSocket-Protocol offers too much.");
            }

            offered[count++] = range;
            best = Math.Min(best, Preference(policy.SubProtocolBytes, element));
        }

        // RFC 6455 §4.2.2: "if the server does not agree to any of the client's requested subprotocols, the only
        // acceptable value is null."
        subProtocol = best == int.MaxValue ? null : policy.SubProtocols[best];
        return null;
    }

    private static bool Contains(HttpRequest request, ReadOnlySpan<Range> ranges, ReadOnlySpan<byte> element)
    {
        foreach (Range range in ranges)
        {
            if (request.Fields.Bytes(range).SequenceEqual(element))
            {
                return true;
            }
        }

        return false;
    }

    // The place in the server's list, or int.MaxValue.
    private static int Preference(byte[][] supported, ReadOnlySpan<byte> element)
    {
        for (int i = 0; i < supported.Length; i++)
        {
            if (element.SequenceEqual(supported[i]))
            {
                return i;
            }
        }

        return int.MaxValue;
    }
}
