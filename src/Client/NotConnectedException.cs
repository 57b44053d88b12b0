namespace RawSocketChat;

/// <summary>
/// A <see cref="ReconnectingWebSocketClient"/> has no connection for what was asked of it, and no room to let it wait: it was not sent.
/// </summary>
/// <param name="message">What was asked for, and what there is instead.</param>
/// <param name="cause">Why there is no connection; null where that is not known.</param>
public sealed class NotConnectedException(string message, ReconnectCause? cause) : IOException(message, cause?.Failure ?? cause?.Closure?.Exception)
{
    /// <summary>Why there is no connection; null where there has been none yet. Where the client was closed, the end of its last one.</summary>
    public ReconnectCause? Cause { get; } = cause;
}
