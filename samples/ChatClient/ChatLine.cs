using System.Globalization;

namespace ChatClient;

/// <summary>An event as it is shown: every part is fit for a terminal.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Time">The time of day, such as <c>12:34:56</c>.</param>
/// <param name="Speaker">Who speaks; null where nobody does, but something happens.</param>
/// <param name="Text">The text.</param>
/// <param name="IsOwn">Whether this client has said it.</param>
internal sealed record ChatLine(ChatEventKind Kind, string Time, string? Speaker, string Text, bool IsOwn)
{
    /// <summary>
    /// The line without colour, a stable form for scripts: <c>TIME NAME: TEXT</c> for what somebody says, and for the rest
    /// <c>TIME # TEXT</c> (announcement), <c>TIME ! TEXT</c> (error) and <c>TIME * TEXT</c>. A name that begins with such a sign begins with
    /// its code instead, or it would speak with the server's voice.
    /// </summary>
    public string Plain => Speaker switch
    {
        null => $"{Time} {Mark} {Text}",
        ['#' or '!' or '*', ..] => string.Create(CultureInfo.InvariantCulture, $"{Time} \\u{(int)Speaker[0]:x4}{Speaker[1..]}: {Text}"),
        _ => $"{Time} {Speaker}: {Text}",
    };

    /// <summary>The sign before what nobody says.</summary>
    public char Mark => Kind switch
    {
        ChatEventKind.Announcement => '#',
        ChatEventKind.Error => '!',
        _ => '*',
    };
}
