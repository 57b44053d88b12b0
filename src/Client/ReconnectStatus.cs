namespace RawSocketChat;

/// <summary>Where a <see cref="ReconnectingWebSocketClient"/> is, and what has brought it there.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Attempt">
/// The attempt that is under way, has succeeded, or follows: 1 for the first one, and for the first one after a connection that was healthy.
/// </param>
/// <param name="Delay">How long it waits before that attempt; zero in the other states.</param>
/// <param name="Connection">The connection, where the state is <see cref="ReconnectState.Open"/>; the client's, not to be disposed.</param>
/// <param name="Cause">Why there is no connection; null where there is one, and where there has been none yet.</param>
public sealed record ReconnectStatus(
    ReconnectState State, int Attempt, TimeSpan Delay, WebSocketConnection? Connection, ReconnectCause? Cause);
