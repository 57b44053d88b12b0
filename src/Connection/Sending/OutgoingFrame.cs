using RawSocketChat.Framing;

namespace RawSocketChat.Sending;

/// <summary>A data frame on its way out.</summary>
/// <param name="Opcode">Text, binary or continuation.</param>
/// <param name="IsFinal">FIN.</param>
/// <param name="Payload">The payload, not masked yet.</param>
/// <param name="Prepared">The same frame encoded already, or null.</param>
/// <param name="BelongsToOpenMessage">Whether this is a fragment of the message that <see cref="FrameSender.OpenMessage"/> opened.</param>
internal readonly record struct OutgoingFrame(
    Opcode Opcode, bool IsFinal, ReadOnlyMemory<byte> Payload, PreparedMessage? Prepared, bool BelongsToOpenMessage);
