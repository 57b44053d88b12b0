using System.Globalization;

using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>Events and states as text. What came from the network leaves here fit for a terminal.</summary>
internal static class Rendering
{
    /// <summary>More names than that say less than their number does.</summary>
    private const int MaxNames = 20;

    /// <summary>An event as a line; <paramref name="clock"/> tells the time where the server does not, and the time zone.</summary>
    public static ChatLine Line(ChatEvent told, TimeProvider clock)
    {
        var time = TimeZoneInfo.ConvertTime(told.Time ?? clock.GetUtcNow(), clock.LocalTimeZone);
        var text = told.Kind == ChatEventKind.Welcome && told.MemberName is { } own ? Welcome(own, told) : told.Text;
        return new(
            told.Kind,
            time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            told.Kind == ChatEventKind.Chat ? LogText.OneLine(told.From) : null,
            LogText.OneLine(text),
            told.IsOwn);
    }

    /// <summary>A state in one line; null where there is nothing to say.</summary>
    public static string? State(ReconnectStatus status, Uri server) => status switch
    {
        { State: ReconnectState.Connecting } => $"connecting to {Place(server)}",
        { State: ReconnectState.Open } => $"connected to {Place(server)}",
        { State: ReconnectState.Waiting } => LogText.OneLine($"{Lost(status)}; retry in {Seconds(status.Delay)} s"),
        _ => null,
    };

    /// <summary>A server without its query, which may be a secret.</summary>
    public static string Place(Uri server) => server.GetLeftPart(UriPartial.Path);

    /// <summary>A state in a word or two, for the place before the line that is typed.</summary>
    public static string Prompt(ReconnectStatus status, string? name) => status.State switch
    {
        ReconnectState.Open => $"{LogText.OneLine(name ?? "connected")}> ",
        ReconnectState.Waiting => $"(lost: retry in {Seconds(status.Delay)} s)> ",
        _ => "(connecting)> ",
    };

    private static string Welcome(string own, ChatEvent told)
    {
        if (told.Count <= 1)
        {
            return $"connected as {own}; nobody else is here";
        }

        var named = told.Members.Take(MaxNames).ToList();
        var rest = told.Count - named.Count;
        return $"connected as {own}; here are {string.Join(", ", named)}{(rest > 0 ? $" and {rest} more" : "")}";
    }

    private static string Lost(ReconnectStatus status) =>
        status.Cause is { Closure: not null } ? $"connection lost: {status.Cause}" : $"not connected: {status.Cause}";

    private static string Seconds(TimeSpan delay) => delay.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
