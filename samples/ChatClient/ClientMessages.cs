using System.Buffers;
using System.Text.Json;

using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>The client's messages, a JSON object each, in UTF-8.</summary>
internal static class ClientMessages
{
    public static ReadOnlyMemory<byte> Say(string text) => Write("data", text);

    public static ReadOnlyMemory<byte> SetName(string name) => Write("name", name);

    private static ReadOnlyMemory<byte> Write(string field, string value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteText(field, value);
            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }
}
