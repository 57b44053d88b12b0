using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>What a violation is told to the user as.</summary>
internal static class HandshakeFailures
{
    /// <summary>The failure by a head that could not be read.</summary>
    public static WebSocketHandshakeException OfHead(HandshakeViolation violation) => violation.Rule == HandshakeRule.HeadSize
        ? new(WebSocketHandshakeFault.HeadTooLarge, $"The answer's head is larger than HandshakeLimits allow. {violation.Reason}")
        : new(WebSocketHandshakeFault.MalformedResponse, $"The answer is not HTTP/1.1. {violation.Reason}");

    /// <summary>The failure by a 101 that opens no connection.</summary>
    public static WebSocketHandshakeException OfAnswer(HandshakeViolation violation, HttpResponseHead head)
    {
        var fault = violation.Rule switch
        {
            HandshakeRule.AcceptKey => WebSocketHandshakeFault.AcceptKey,
            HandshakeRule.Extensions => WebSocketHandshakeFault.Extension,
            HandshakeRule.SubProtocol => WebSocketHandshakeFault.SubProtocol,
            _ => WebSocketHandshakeFault.UpgradeHeaders,
        };
        return new(fault, $"The server's 101 does not open a connection. {violation.Reason}") { StatusCode = head.StatusCode, Headers = [.. head.Headers] };
    }
}
