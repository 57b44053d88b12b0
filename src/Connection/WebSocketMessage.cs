using System.Net.WebSockets;
using System.Text;

namespace RawSocketChat;

/// <summary>A whole text or binary message as it was received (RFC 6455 §5.6).</summary>
/// <param name="Type">Text or binary; the kind travels with the message and is never guessed.</param>
/// <param name="Payload">
/// The payload: for text, valid UTF-8. The bytes are lent: they lie in the connection's receive buffer and are valid until the next
/// receive on the connection begins, or the connection is closed by the same code or disposed. Copy what is to live longer.
/// </param>
public readonly record struct WebSocketMessage(WebSocketMessageType Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The payload's bytes, lent like <see cref="Payload"/>.</summary>
    public ReadOnlySpan<byte> Span => Payload.Span;

    /// <summary>The payload decoded as UTF-8: a new string at each call.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The message's text (see <see cref="Text"/>).</summary>
    /// <returns>A new string.</returns>
    public override string ToString() => Text;
}
