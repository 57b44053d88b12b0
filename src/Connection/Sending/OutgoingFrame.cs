using RawSocketChat.Framing;

namespace RawSocketChat.Sending;

/// <summary>A data frame on its way out.</summary>
/// <param name="Opcode">Text, binary or continuation.</param>
/// <param name="IsFinal">FIN.</param>
/// <param name="Payload">The payload, not masked yet.</param>
/// <param name="Prepared">The same frame encoded already, or null.</param>
/// <param name="BelongsToOpenMessage">Whether this is a fragment of the message that <see cref="FrameSender.OpenMessage"/> opened.</param>
internal readonly record struct OutgoingFrame(
    Opcode Opcode, bool IsFinal, ReadOnlyMemory<byte> Payload, PreparedMessage? Prepared, bool BelongsToOpenMessage)
{
    /// <summary>Whether it is not to be compressed; of a message in fragments, what the first one says counts.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Whether the payload is compressed already, standing alone.</summary>
    public bool IsCompressed { get; private init; }

    /// <summary>How long such a payload was before, in bytes.</summary>
    public int UncompressedLength { get; private init; }

    /// <summary>The same message in its compressed form.</summary>
    public OutgoingFrame As(PreparedMessage deflated) =>
        this with { Payload = deflated.Payload, Prepared = deflated, IsCompressed = true, UncompressedLength = Payload.Length };

    /// <summary>The same message with a compressed payload.</summary>
    public OutgoingFrame As(ReadOnlyMemory<byte> deflated) =>
        this with { Payload = deflated, IsCompressed = true, UncompressedLength = Payload.Length };
}
