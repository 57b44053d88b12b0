namespace RawSocketChat;

/// <summary>Why a connection ended.</summary>
public enum CloseCause
{
    /// <summary>A closing handshake: one end sent a close frame and the other answered it (RFC 6455 §7.1.4: cleanly).</summary>
    ClosingHandshake,

    /// <summary>The peer broke a rule of the protocol or a limit, and was told so in a close frame (§7.1.7).</summary>
    ProtocolViolation,

    /// <summary>The TCP connection ended or failed without a closing handshake; the peer may just be gone.</summary>
    ConnectionLost,

    /// <summary>Nothing arrived for the keepalive interval and its timeout.</summary>
    KeepAliveTimeout,

    /// <summary>The closing handshake was begun here and not answered within the close timeout.</summary>
    CloseTimeout,

    /// <summary>This end cut the connection.</summary>
    Aborted,
}
