using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The server's judgement of an opening handshake (RFC 6455 §4.2.1, §4.2.2). It does no I/O and remembers nothing.</summary>
public static class UpgradeNegotiator
{
    /// <summary>Checks a request against RFC 6455 §4.2.1 and a policy, and chooses the answer of §4.2.2.</summary>
    /// <param name="request">The request. One that is no upgrade at all is refused with 426 (405 where it is not a GET).</param>
    /// <param name="policy">What the server supports and allows.</param>
    /// <param name="isSecure">
    /// Whether the client reached the server by TLS, be it ended here or in a proxy in front; it tells
    /// <see cref="OriginPolicy.SameHost"/> the scheme.
    /// </param>
    /// <param name="acceptance">What to answer with; valid when the result is true.</param>
    /// <param name="refusal">What to answer with; valid when the result is false. The connection must then be closed.</param>
    /// <returns>Whether the handshake is accepted.</returns>
    public static bool TryAccept(
        HttpRequest request, UpgradePolicy policy, bool isSecure, out UpgradeAcceptance acceptance, out HttpRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(policy);
        acceptance = default;
        string? subProtocol = null;
        IReadOnlyList<ExtensionOffer> offers = [];
        Range key = default;
        HttpRefusal? refused = CheckUpgrade(request)
            ?? CheckVersion(request)
            ?? CheckKey(request, out key)
            ?? policy.Origins.Check(request, isSecure)
            ?? SubProtocolSelector.Select(request, policy, out subProtocol)
            ?? ExtensionParser.Parse(request.Fields, out offers);
        refusal = refused.GetValueOrDefault();
        if (refused is not null)
        {
            return false;
        }

        acceptance = new UpgradeAcceptance(Accept(request.Fields.Bytes(key)), subProtocol, offers);
        return true;
    }

    private static HttpRefusal? CheckUpgrade(HttpRequest request)
    {
        // RFC 6455 §4.2.1: "An HTTP/1.1 or higher GET request". RFC 9110 §15.5.6: a 405 names the methods allowed.
        if (!request.IsGet)
        {
            return new HttpRefusal(405, "Only GET opens a WebSocket.", "Allow", "GET");
        }

        // RFC 6455 §4.2.1: "An |Upgrade| header field containing the value "websocket", treated as an ASCII
        // case-insensitive value." Without it this is plain HTTP, or HTTP whose upgrade a proxy has removed: 426 tells both.
        if (!request.IsUpgradeRequest)
        {
            return HttpRefusal.UpgradeRequired("This is a WebSocket endpoint: the request does not ask for an upgrade to websocket.");
        }

        // RFC 6455 §4.2.1: "A |Connection| header field that includes the token "Upgrade", treated as an ASCII
        // case-insensitive value."
        return request.HasToken("Connection", "Upgrade")
            ? null
            : HttpRefusal.BadRequest("The Connection field does not include the token Upgrade.");
    }

    private static HttpRefusal? CheckVersion(HttpRequest request)
    {
        int count = request.Fields.CountOf("Sec-WebSocket-Version", out Range version);

        // RFC 6455 §11.3.5: "the |Sec-WebSocket-Version| header field MUST NOT appear more than once in an HTTP request."
        if (count > 1)
        {
            return HttpRefusal.BadRequest("There is more than one Sec-WebSocket-Version field.");
        }

        // RFC 6455 §4.4: "If the server doesn't support the requested version, it MUST respond with a
        // |Sec-WebSocket-Version| header field". The drafts before the field existed are requested by leaving it out.
        return count == 1 && request.Fields.Bytes(version).SequenceEqual("13"u8)
            ? null
            : HttpRefusal.UpgradeRequired("The Sec-WebSocket-Version is not 13.");
    }

    private static HttpRefusal? CheckKey(HttpRequest request, out Range key)
    {
        // RFC 6455 §11.3.1: "The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request."
        if (request.Fields.CountOf("Sec-WebSocket-Key", out key) != 1)
        {
            return HttpRefusal.BadRequest("There must be exactly one Sec-WebSocket-Key field.");
        }

        return AcceptKey.IsKey(request.Fields.Bytes(key))
            ? null
            : HttpRefusal.BadRequest("The Sec-WebSocket-Key is not the base64 of 16 bytes.");
    }

    private static string Accept(ReadOnlySpan<byte> key)
    {
        Span<byte> accept = stackalloc byte[AcceptKey.AcceptLength];
        AcceptKey.Compute(key, accept);
        return Encoding.ASCII.GetString(accept);
    }
}
