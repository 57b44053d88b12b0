namespace RawSocketChat.Framing;

/// <summary>The opcodes of RFC 6455 §5.2. The values 3-7 and 11-15 are reserved and never appear in a legal frame.</summary>
public enum Opcode : byte
{
    /// <summary>The next fragment of the data message in progress (§5.4).</summary>
    Continuation = 0x0,

    /// <summary>The first fragment of a text message, or all of it (§5.6).</summary>
    Text = 0x1,

    /// <summary>The first fragment of a binary message, or all of it (§5.6).</summary>
    Binary = 0x2,

    /// <summary>A close frame (§5.5.1).</summary>
    Close = 0x8,

    /// <summary>A ping frame (§5.5.2).</summary>
    Ping = 0x9,

    /// <summary>A pong frame (§5.5.3).</summary>
    Pong = 0xA,
}
