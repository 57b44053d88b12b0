using System.Net.WebSockets;

namespace RawSocketChat.Reconnecting;

/// <summary>A message as its sender has given it.</summary>
internal readonly record struct OutgoingMessage(ReadOnlyMemory<byte> Payload, WebSocketMessageType Type, PreparedMessage? Prepared)
{
    public ValueTask SendToAsync(WebSocketConnection connection, CancellationToken cancellationToken) => Prepared is null
        ? connection.SendAsync(Payload, Type, cancellationToken)
        : connection.SendAsync(Prepared, cancellationToken);
}
