namespace RawSocketChat.Handshake;

/// <summary>A rule that a server's answer to an opening handshake can break.</summary>
public enum HandshakeRule
{
    /// <summary>The head stays within <see cref="HandshakeLimits"/>.</summary>
    HeadSize,

    /// <summary>The head is one of HTTP/1.1: a status line, field lines, an empty line (RFC 9112 §2.1, §4, §5).</summary>
    HeadSyntax,

    /// <summary>The status is 101 (RFC 6455 §4.1, item 1). Another is an answer too: the server does not want to, or is none.</summary>
    StatusCode,

    /// <summary>There is one Upgrade field, and it is "websocket" (RFC 6455 §4.1, item 2).</summary>
    Upgrade,

    /// <summary>The Connection field holds the token "Upgrade" (RFC 6455 §4.1, item 3).</summary>
    Connection,

    /// <summary>There is one Sec-WebSocket-Accept field, and it fits the key (RFC 6455 §4.1, item 4, §11.3.3).</summary>
    AcceptKey,

    /// <summary>Each extension was offered, with parameters that fit the offer (RFC 6455 §4.1, item 5, §9.1; RFC 7692 §7.1).</summary>
    Extensions,

    /// <summary>There is one subprotocol, and it was offered, or none (RFC 6455 §4.1, item 6, §11.3.4).</summary>
    SubProtocol,
}
