using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawSocketChat.Samples;

/// <summary>
/// Writes strings as people would read them: Chinese and emoji as they are. The framework's encoders write every character
/// outside the basic plane as two escapes, twelve bytes for an emoji's four. Only what JSON forbids within a string is
/// escaped, and what some readers of lines or of JavaScript trip over: DEL, U+2028 and U+2029.
/// </summary>
internal static class ReadableJson
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (char)code), '"', '\\', '\u007f', '\u2028', '\u2029']);

    public static void WriteText(this Utf8JsonWriter writer, string property, string value)
    {
        writer.WritePropertyName(property);
        // Half of a surrogate pair cannot be written in UTF-8; the encoding puts U+FFFD in its place.
        writer.WriteRawValue(Encoding.UTF8.GetBytes(Quote(value)), skipInputValidation: true);
    }

    private static string Quote(ReadOnlySpan<char> value)
    {
        var json = new StringBuilder(value.Length + 2).Append('"');
        while (value.IndexOfAny(Escaped) is >= 0 and var at)
        {
            json.Append(value[..at]).Append(CultureInfo.InvariantCulture, $"\\u{(int)value[at]:x4}");
            value = value[(at + 1)..];
        }

        return json.Append(value).Append('"').ToString();
    }
}
