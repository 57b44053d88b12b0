using System.Buffers;
using System.Globalization;
using System.Text.Json;
using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>
/// The server's messages, a JSON object each. What is for everyone to read has its text in <c>data</c>, the field that the
/// smallest of clients shows; what such a client has shown already, or would not know what to do with, has it in <c>text</c>.
/// </summary>
internal static class ChatEvents
{
    public static PreparedMessage Chat(string text, MemberInfo speaker, long id, DateTimeOffset time) =>
        Write("chat", "data", text, speaker.Name, time, json =>
        {
            json.WriteNumber("id", id);
            WriteMember(json, speaker);
        });

    /// <summary>The speaker's own copy of <see cref="Chat"/>: the same id, so the same place in the order.</summary>
    public static PreparedMessage OwnChat(string text, MemberInfo speaker, long id, DateTimeOffset time) =>
        Write("chat", "text", text, speaker.Name, time, json =>
        {
            json.WriteNumber("id", id);
            json.WriteBoolean("self", true);
            WriteMember(json, speaker);
        });

    public static PreparedMessage Announcement(string text, long id, DateTimeOffset time) =>
        Write("announcement", "data", text, Nickname.Server, time, json => json.WriteNumber("id", id));

    /// <param name="newcomer">Whom it is for.</param>
    /// <param name="members">Who is here, the newcomer included; the first <see cref="ChatRules.MaxNamesInWelcome"/> are named.</param>
    /// <param name="time">When.</param>
    public static PreparedMessage Welcome(MemberInfo newcomer, IReadOnlyCollection<MemberInfo> members, DateTimeOffset time)
    {
        var text = members.Count == 1
            ? $"Welcome, {newcomer.Name}. Nobody else is here yet."
            : $"Welcome, {newcomer.Name}. {members.Count} people are here.";
        return Write("welcome", "text", text, Nickname.Server, time, json =>
        {
            WriteMember(json, newcomer);
            json.WriteStartArray("members");
            foreach (var member in members.Take(ChatRules.MaxNamesInWelcome))
            {
                json.WriteStartObject();
                WriteIdAndName(json, member);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("count", members.Count);
        });
    }

    /// <param name="newcomer">Who came.</param>
    /// <param name="count">How many are here now.</param>
    /// <param name="time">When.</param>
    public static PreparedMessage Join(MemberInfo newcomer, int count, DateTimeOffset time) =>
        Write("join", "text", $"{newcomer.Name} joined.", Nickname.Server, time, json =>
        {
            WriteMember(json, newcomer);
            json.WriteNumber("count", count);
        });

    /// <param name="leaver">Who left.</param>
    /// <param name="count">How many are here now.</param>
    /// <param name="time">When.</param>
    public static PreparedMessage Leave(MemberInfo leaver, int count, DateTimeOffset time) =>
        Write("leave", "text", $"{leaver.Name} left.", Nickname.Server, time, json =>
        {
            WriteMember(json, leaver);
            json.WriteNumber("count", count);
        });

    public static PreparedMessage Rename(MemberInfo renamed, string formerName, DateTimeOffset time) =>
        Write("rename", "text", $"{formerName} is now {renamed.Name}.", Nickname.Server, time, json =>
        {
            WriteMember(json, renamed);
            json.WriteText("was", formerName);
        });

    public static PreparedMessage Error(string text, DateTimeOffset time) =>
        Write("error", "text", text, Nickname.Server, time, static _ => { });

    private static PreparedMessage Write(
        string type, string textField, string text, string from, DateTimeOffset time, Action<Utf8JsonWriter> writeRest)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteText(textField, text);
            json.WriteText("from", from);
            // Milliseconds: more digits than that are not read everywhere.
            json.WriteString("time"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("type"u8, type);
            writeRest(json);
            json.WriteEndObject();
        }

        return PreparedMessage.FromText(bytes.WrittenSpan);
    }

    private static void WriteMember(Utf8JsonWriter json, MemberInfo member)
    {
        json.WriteStartObject("member");
        WriteIdAndName(json, member);
        json.WriteEndObject();
    }

    private static void WriteIdAndName(Utf8JsonWriter json, MemberInfo member)
    {
        json.WriteNumber("id", member.Id);
        json.WriteText("name", member.Name);
    }
}
