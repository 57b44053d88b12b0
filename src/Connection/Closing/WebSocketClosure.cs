using System.Net.WebSockets;

namespace RawSocketChat;

/// <summary>How and why a connection ended. The first cause wins; what follows from it changes nothing.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Initiator">Who ended it.</param>
/// <param name="Status">
/// The status of the close frame that began the end; null where there was none, which RFC 6455 §7.1.5 calls 1006.
/// </param>
/// <param name="Reason">That frame's reason, or what is known of the cause.</param>
/// <param name="Exception">The transport's error, where there was one.</param>
public sealed record WebSocketClosure(
    CloseCause Cause, CloseInitiator Initiator, WebSocketCloseStatus? Status, string Reason, Exception? Exception)
{
    /// <summary>The closure in one line, for logs and exceptions.</summary>
    /// <returns>For example <c>ClosingHandshake by Remote, 1000</c>.</returns>
    public override string ToString()
    {
        var status = Status is { } code ? $", {(int)code}" : "";
        var reason = Reason.Length > 0 ? $" ({Reason})" : "";
        return $"{Cause} by {Initiator}{status}{reason}";
    }
}
