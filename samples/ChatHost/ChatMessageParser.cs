using System.Text;
using System.Text.Json;
using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>
/// Reads a client's message: one JSON object with the strings <c>data</c> and <c>name</c>, either of which may be missing but
/// not both. Other fields are ignored, so that a client may send more than this server knows.
/// </summary>
internal static class ChatMessageParser
{
    private const string NotOfThisForm = "Not understood. Send one JSON object such as {\"data\": \"hello\"}.";

    public static ClientMessage Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Read(new Utf8JsonReader(utf8));
        }
        catch (JsonException)
        {
            return ClientMessage.Bad(NotOfThisForm);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped ("\ud800"), fits the grammar of JSON but is no text: the reader throws this.
            return ClientMessage.Bad("Not understood: a string in it is not Unicode text.");
        }
    }

    private static ClientMessage Read(Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return ClientMessage.Bad(NotOfThisForm);
        }

        string? text = null;
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            var isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            if (!isData && !isName)
            {
                reader.Skip();
                continue;
            }

            var field = isData ? "data" : "name";
            if (reader.TokenType != JsonTokenType.String)
            {
                return ClientMessage.Bad($"Not understood: \"{field}\" must be a string.");
            }

            if ((isData ? text : name) is not null)
            {
                return ClientMessage.Bad($"Not understood: \"{field}\" is there twice.");
            }

            _ = isData ? text = reader.GetString() : name = reader.GetString();
        }

        reader.Read(); // Throws where anything follows the object.
        return Judge(text, name);
    }

    private static ClientMessage Judge(string? text, string? name)
    {
        if (text is null && name is null)
        {
            return ClientMessage.Bad(NotOfThisForm);
        }

        if (text is not null && Encoding.UTF8.GetByteCount(text) is > ChatRules.MaxTextBytes and var bytes)
        {
            return ClientMessage.Bad($"Too long: a text has at most {ChatRules.MaxTextBytes} bytes of UTF-8; this one has {bytes}.");
        }

        if (name is null)
        {
            return new ClientMessage(text, null, null);
        }

        return Nickname.Accept(name, out var problem) is { } accepted
            ? new ClientMessage(text, accepted, null)
            : ClientMessage.Bad(problem!);
    }
}
