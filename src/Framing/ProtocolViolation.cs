using System.Net.WebSockets;

namespace RawSocketChat.Framing;

/// <summary>
/// A rule of RFC 6455, or of RFC 7692, that a peer broke, as a value: which rule, where it stands, and the close status that answers it (§7.4.1).
/// The instances are the static members below; compare by reference.
/// </summary>
public sealed class ProtocolViolation
{
    /// <summary>A reserved bit is set though no extension gives it a meaning (§5.2).</summary>
    public static readonly ProtocolViolation ReservedBit =
        new(WebSocketCloseStatus.ProtocolError, "5.2", "a reserved bit is set without a negotiated extension");

    /// <summary>The opcode is one of the reserved ones (§5.2).</summary>
    public static readonly ProtocolViolation ReservedOpcode =
        new(WebSocketCloseStatus.ProtocolError, "5.2", "a reserved opcode");

    /// <summary>A length of 64 bits has its most significant bit set (§5.2).</summary>
    public static readonly ProtocolViolation LengthTopBit =
        new(WebSocketCloseStatus.ProtocolError, "5.2", "the most significant bit of a 64-bit length is set");

    /// <summary>A length is written with more bytes than it needs (§5.2).</summary>
    public static readonly ProtocolViolation NonMinimalLength =
        new(WebSocketCloseStatus.ProtocolError, "5.2", "a length is not written in the minimal number of bytes");

    /// <summary>A client sent a frame without a mask (§5.1).</summary>
    public static readonly ProtocolViolation UnmaskedClientFrame =
        new(WebSocketCloseStatus.ProtocolError, "5.1", "a client's frame is not masked");

    /// <summary>A server sent a frame with a mask (§5.1).</summary>
    public static readonly ProtocolViolation MaskedServerFrame =
        new(WebSocketCloseStatus.ProtocolError, "5.1", "a server's frame is masked");

    /// <summary>A control frame is fragmented (§5.5).</summary>
    public static readonly ProtocolViolation FragmentedControlFrame =
        new(WebSocketCloseStatus.ProtocolError, "5.5", "a control frame is fragmented");

    /// <summary>A control frame's payload is longer than 125 bytes (§5.5).</summary>
    public static readonly ProtocolViolation OversizedControlFrame =
        new(WebSocketCloseStatus.ProtocolError, "5.5", "a control frame's payload is longer than 125 bytes");

    /// <summary>A new data message starts before the one under way has ended (§5.4).</summary>
    public static readonly ProtocolViolation InterleavedMessage =
        new(WebSocketCloseStatus.ProtocolError, "5.4", "a message starts inside another");

    /// <summary>A continuation frame though no message is under way (§5.4).</summary>
    public static readonly ProtocolViolation OrphanContinuation =
        new(WebSocketCloseStatus.ProtocolError, "5.4", "a continuation without a message to continue");

    /// <summary>A close frame's payload has exactly one byte (§5.5.1).</summary>
    public static readonly ProtocolViolation TruncatedCloseStatus =
        new(WebSocketCloseStatus.ProtocolError, "5.5.1", "a close frame's payload of one byte");

    /// <summary>A close frame carries a status code that must not be sent (§7.4).</summary>
    public static readonly ProtocolViolation InvalidCloseStatus =
        new(WebSocketCloseStatus.ProtocolError, "7.4", "a close status code that must not appear on the wire");

    /// <summary>A close frame's reason is not UTF-8 (§8.1, §5.5.1).</summary>
    public static readonly ProtocolViolation InvalidCloseReason =
        new(WebSocketCloseStatus.InvalidPayloadData, "8.1", "a close reason that is not UTF-8");

    /// <summary>A text message is not UTF-8 (§8.1).</summary>
    public static readonly ProtocolViolation InvalidUtf8 =
        new(WebSocketCloseStatus.InvalidPayloadData, "8.1", "a text message that is not UTF-8");

    /// <summary>A message is longer than this end is willing to take (§7.4.1, status 1009).</summary>
    public static readonly ProtocolViolation MessageTooBig =
        new(WebSocketCloseStatus.MessageTooBig, "7.4.1", "a message longer than the limit");

    /// <summary>A message comes in more fragments than this end is willing to take (§7.4.1, status 1008).</summary>
    public static readonly ProtocolViolation TooManyFragments =
        new(WebSocketCloseStatus.PolicyViolation, "7.4.1", "a message in more fragments than the limit");

    /// <summary>A compressed message is not what DEFLATE allows (RFC 7692 §7.2.2).</summary>
    public static readonly ProtocolViolation InvalidCompression =
        new(WebSocketCloseStatus.InvalidPayloadData, "7.2.2", "a compressed message that cannot be inflated", rfc: 7692);

    private ProtocolViolation(WebSocketCloseStatus closeStatus, string clause, string rule, int rfc = 6455)
    {
        CloseStatus = closeStatus;
        Clause = clause;
        Rule = rule;
        Rfc = rfc;
    }

    /// <summary>The status code of the close frame that answers the violation.</summary>
    public WebSocketCloseStatus CloseStatus { get; }

    /// <summary>The number of the document that states the rule: 6455, or 7692 for compression.</summary>
    public int Rfc { get; }

    /// <summary>The clause of that document that states the rule, such as <c>5.1</c>.</summary>
    public string Clause { get; }

    /// <summary>What was done wrong, in at most 100 ASCII characters: fit for the reason of a close frame.</summary>
    public string Rule { get; }

    /// <summary>The rule with its clause.</summary>
    /// <returns>For example <c>a client's frame is not masked (RFC 6455 §5.1)</c>.</returns>
    public override string ToString() => $"{Rule} (RFC {Rfc} §{Clause})";
}
