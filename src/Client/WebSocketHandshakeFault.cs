namespace RawSocketChat;

/// <summary>What an attempt to connect failed by.</summary>
public enum WebSocketHandshakeFault
{
    /// <summary>The host's name has no address, or could not be asked for.</summary>
    NameResolution,

    /// <summary>No address of the host, or of the proxy, took a TCP connection.</summary>
    Connect,

    /// <summary>The proxy refused, ended the connection, or did not speak its protocol.</summary>
    Proxy,

    /// <summary>The proxy wants credentials, or others (HTTP 407, RFC 1929 §2).</summary>
    ProxyAuthentication,

    /// <summary>TLS failed: the certificate or its name, the versions, or the peer's end in the middle.</summary>
    Tls,

    /// <summary><see cref="WebSocketClientOptions.ConnectTimeout"/> or <see cref="WebSocketClientOptions.HandshakeTimeout"/> ran out.</summary>
    Timeout,

    /// <summary>The connection ended or failed before the answer was whole.</summary>
    ConnectionLost,

    /// <summary>The answer's head is larger than <see cref="WebSocketClientOptions.HandshakeLimits"/> allow.</summary>
    HeadTooLarge,

    /// <summary>The answer is not HTTP/1.1.</summary>
    MalformedResponse,

    /// <summary>The answer is a whole one with another status than 101 (RFC 6455 §4.1): the server does not want to, or is none.</summary>
    RefusedStatus,

    /// <summary>A 101 without <c>Upgrade: websocket</c> and <c>Connection: Upgrade</c> (RFC 6455 §4.1, items 2 and 3).</summary>
    UpgradeHeaders,

    /// <summary>A 101 whose Sec-WebSocket-Accept is missing or does not fit the key (RFC 6455 §4.1, item 4).</summary>
    AcceptKey,

    /// <summary>A 101 with an extension that was not offered, or with parameters that do not fit the offer (RFC 6455 §4.1, item 5).</summary>
    Extension,

    /// <summary>A 101 with a subprotocol that was not offered, or with more than one (RFC 6455 §4.1, item 6).</summary>
    SubProtocol,
}
