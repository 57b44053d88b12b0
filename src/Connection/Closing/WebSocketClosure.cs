using System.Globalization;
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
    /// <summary>
    /// The closure in one line, for logs and exceptions. What the peer gave as its reason neither begins a line nor talks to a terminal:
    /// such characters are written as <c>\u000a</c>.
    /// </summary>
    /// <returns>For example <c>ClosingHandshake by Remote, 1000</c>.</returns>
    public override string ToString()
    {
        var status = Status is { } code ? $", {(int)code}" : "";
        var reason = Reason.Length > 0 ? $" ({string.Concat(Reason.Select(Shown))})" : "";
        return $"{Cause} by {Initiator}{status}{reason}";
    }

    // Format characters turn round the order in which a line is read; but joiners belong to words and emoji.
    private static string Shown(char character) => char.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => Escaped(character),
        UnicodeCategory.Format when character is not ('\u200c' or '\u200d') => Escaped(character),
        _ => character.ToString(),
    };

    private static string Escaped(char character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
}
