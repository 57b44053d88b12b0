using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The client's judgement of the answer to its opening handshake (RFC 6455 §4.1). It does no I/O and remembers nothing.</summary>
public static class UpgradeValidator
{
    /// <summary>Checks an answer against RFC 6455 §4.1 and what was offered.</summary>
    /// <param name="response">The answer; not an interim one.</param>
    /// <param name="key">The Sec-WebSocket-Key that was sent: the base64 of 16 bytes.</param>
    /// <param name="offer">What was asked for.</param>
    /// <param name="agreement">What is agreed on; valid when the result is true.</param>
    /// <param name="violation">The first rule that is broken; valid when the result is false. The connection must then be failed.</param>
    /// <returns>Whether the connection is established.</returns>
    /// <exception cref="ArgumentException">The key is not the base64 of 16 bytes.</exception>
    public static bool TryValidate(
        HttpResponseHead response, string key, UpgradeOffer offer, out UpgradeAgreement agreement, out HandshakeViolation violation)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(offer);
        byte[] keyBytes = AcceptKey.Encode(key, nameof(key));
        DeflateParameters? deflate = null;
        string? subProtocol = null;
        HandshakeViolation? found = CheckStatus(response)
            ?? CheckUpgrade(response.Fields)
            ?? CheckConnection(response.Fields)
            ?? CheckAccept(response.Fields, keyBytes)
            ?? CheckExtensions(response.Fields, offer, out deflate)
            ?? CheckSubProtocol(response.Fields, offer, out subProtocol);
        violation = found.GetValueOrDefault();
        agreement = found is null ? new UpgradeAgreement(subProtocol, deflate) : default;
        return found is null;
    }

    // RFC 6455 §4.1: "If the status code received from the server is not 101, the client handles the response per HTTP [RFC2616] procedures."
    private static HandshakeViolation? CheckStatus(HttpResponseHead response) =>
        response.StatusCode == 101 ? null : new HandshakeViolation(HandshakeRule.StatusCode, "The status is not 101.");

    // RFC 6455 §4.1: "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII
    // case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."
    private static HandshakeViolation? CheckUpgrade(HeaderFields fields) =>
        fields.CountOf("Upgrade", out Range value) == 1 && Ascii.EqualsIgnoreCase(fields.Bytes(value), "websocket"u8)
            ? null
            : new HandshakeViolation(HandshakeRule.Upgrade, "It does not upgrade to websocket.");

    // RFC 6455 §4.1: "If the response lacks a |Connection| header field or the |Connection| header field doesn't contain a token that is an
    // ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail the WebSocket Connection_."
    private static HandshakeViolation? CheckConnection(HeaderFields fields) =>
        fields.HasToken("Connection", "Upgrade")
            ? null
            : new HandshakeViolation(HandshakeRule.Connection, "Its Connection field does not hold Upgrade.");

    private static HandshakeViolation? CheckAccept(HeaderFields fields, ReadOnlySpan<byte> key)
    {
        int count = fields.CountOf("Sec-WebSocket-Accept", out Range value);

        // RFC 6455 §11.3.3: "The |Sec-WebSocket-Accept| header MUST NOT appear more than once in an HTTP response."
        if (count > 1)
        {
            return new HandshakeViolation(HandshakeRule.AcceptKey, "It has more than one Sec-WebSocket-Accept.");
        }

        // RFC 6455 §4.1: "If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a value other than
        // the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key| (as a string, not base64-decoded) with the string
        // "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" but ignoring any leading and trailing whitespace, the client MUST _Fail the WebSocket
        // Connection_."
        Span<byte> accept = stackalloc byte[AcceptKey.AcceptLength];
        AcceptKey.Compute(key, accept);
        return count == 1 && fields.Bytes(value).SequenceEqual(accept)
            ? null
            : new HandshakeViolation(HandshakeRule.AcceptKey, "Its Sec-WebSocket-Accept does not fit the key.");
    }

    private static HandshakeViolation? CheckExtensions(HeaderFields fields, UpgradeOffer offer, out DeflateParameters? deflate)
    {
        deflate = null;

        // RFC 6455 §9.1: "the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_." §4.2.2 lets a server split the
        // list "between multiple instances" of the field and §11.3.2 does not: they are read as one list.
        if (ExtensionParser.Parse(fields, out IReadOnlyList<ExtensionOffer> answer) is not null)
        {
            return new HandshakeViolation(HandshakeRule.Extensions, "Its Sec-WebSocket-Extensions is malformed.");
        }

        // RFC 6455 §4.1: "If the response includes a |Sec-WebSocket-Extensions| header field and this header field indicates the use of an
        // extension that was not present in the client's handshake (the server has indicated an extension not requested by the client), the
        // client MUST _Fail the WebSocket Connection_."
        return DeflateNegotiator.TryReadAnswer(answer, offer.Deflate, out deflate)
            ? null
            : new HandshakeViolation(HandshakeRule.Extensions, "It uses an extension that was not offered, or not as it was offered.");
    }

    private static HandshakeViolation? CheckSubProtocol(HeaderFields fields, UpgradeOffer offer, out string? subProtocol)
    {
        subProtocol = null;
        int count = fields.CountOf("Sec-WebSocket-Protocol", out Range value);
        if (count == 0)
        {
            return null;
        }

        // RFC 6455 §11.3.4: "the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP response."
        if (count > 1)
        {
            return new HandshakeViolation(HandshakeRule.SubProtocol, "It chooses more than one subprotocol.");
        }

        // RFC 6455 §4.1: "If the response includes a |Sec-WebSocket-Protocol| header field and this header field indicates the use of a
        // subprotocol that was not present in the client's handshake (the server has indicated a subprotocol not requested by the client), the
        // client MUST _Fail the WebSocket Connection_."
        string chosen = fields.Text(value);
        subProtocol = offer.SubProtocols.Contains(chosen, StringComparer.Ordinal) ? chosen : null;
        return subProtocol is not null
            ? null
            : new HandshakeViolation(HandshakeRule.SubProtocol, "It chooses a subprotocol that was not offered.");
    }
}
