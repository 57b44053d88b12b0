using System.Globalization;
using System.Text.Json;

using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>
/// Reads a server's message. Any field may be missing or be something else: the smallest of servers sends <c>{"data": text}</c> alone.
/// What is no message of the chat at all is null, never an exception.
/// </summary>
internal static class ServerMessageParser
{
    public static ChatEvent? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped ("\ud800"), fits the grammar of JSON but is no text.
            return null;
        }
    }

    private static ChatEvent? Read(JsonElement message)
    {
        if ((Text(message, "data") ?? Text(message, "text")) is not { } text)
        {
            return null;
        }

        var kind = KindOf(Text(message, "type"));
        var members = kind == ChatEventKind.Welcome ? Names(message) : [];
        JsonElement? member = message.TryGetProperty("member", out var found) && found.ValueKind == JsonValueKind.Object ? found : null;
        return new(kind, Text(message, "from") ?? Nickname.Server, text, Time(message), IsTrue(message, "self"))
        {
            MemberId = member is { } about ? Number(about, "id") : null,
            MemberName = member is { } named ? Text(named, "name") : null,
            Members = members,
            Count = Math.Max(Number(message, "count") ?? 0, members.Count),
        };
    }

    // A type that is not known is shown as what it most likely is: somebody's words.
    private static ChatEventKind KindOf(string? type) => type switch
    {
        "announcement" => ChatEventKind.Announcement,
        "welcome" => ChatEventKind.Welcome,
        "join" => ChatEventKind.Join,
        "leave" => ChatEventKind.Leave,
        "rename" => ChatEventKind.Rename,
        "error" => ChatEventKind.Error,
        _ => ChatEventKind.Chat,
    };

    private static List<string> Names(JsonElement message) =>
        message.TryGetProperty("members", out var members) && members.ValueKind == JsonValueKind.Array
            ? [.. members.EnumerateArray().Select(member => Text(member, "name")).OfType<string>()]
            : [];

    private static DateTimeOffset? Time(JsonElement message) =>
        Text(message, "time") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static long? Number(JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;

    private static bool IsTrue(JsonElement message, string field) =>
        message.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
