namespace RawSocketChat;

/// <summary>The connection is closed, or closing so far that what was asked for cannot be done. Nobody's fault but the closure's.</summary>
/// <param name="closure">How and why the connection ended; null where it is only closing yet.</param>
public sealed class ConnectionClosedException(WebSocketClosure? closure)
    : IOException(closure is null ? "The connection is closing." : $"The connection has ended: {closure}.", closure?.Exception)
{
    /// <summary>How and why the connection ended; null where it is only closing yet.</summary>
    public WebSocketClosure? Closure { get; } = closure;
}
