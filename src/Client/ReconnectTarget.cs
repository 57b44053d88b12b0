namespace RawSocketChat;

/// <summary>Where one attempt of a <see cref="ReconnectingWebSocketClient"/> goes.</summary>
/// <param name="Uri">The URI, as <see cref="WebSocketClient.ConnectAsync"/> takes it.</param>
/// <param name="Options">The options; null for those that the client was made with.</param>
public sealed record ReconnectTarget(Uri Uri, WebSocketClientOptions? Options = null);
