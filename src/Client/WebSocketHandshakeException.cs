namespace RawSocketChat;

/// <summary>
/// A connection could not be opened. <see cref="Fault"/> tells by what; nothing is left behind: the socket is closed and each buffer given
/// back.
/// </summary>
public sealed class WebSocketHandshakeException : IOException
{
    /// <summary>A failed attempt.</summary>
    /// <param name="fault">By what it failed.</param>
    /// <param name="message">The same in words.</param>
    /// <param name="innerException">What lies below it; null for none.</param>
    public WebSocketHandshakeException(WebSocketHandshakeFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>By what the attempt failed.</summary>
    public WebSocketHandshakeFault Fault { get; }

    /// <summary>The status of the HTTP answer that the attempt failed by, 100 to 999; null where it did not come to one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>That answer's header fields in the order received; values as Latin-1. Empty where there was none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// The first bytes of that answer's content, at most 4 KiB: what had come in time, without the transfer's chunks. Empty where there was
    /// none.
    /// </summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
