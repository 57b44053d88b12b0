using System.Globalization;
using System.Text;

namespace RawSocketChat.Samples;

/// <summary>What strangers wrote, fit for a log: it can neither begin a line of its own nor talk to the terminal.</summary>
internal static class LogText
{
    public static string OneLine(string text)
    {
        if (!text.Any(IsUnfit))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            _ = IsUnfit(character)
                ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")
                : line.Append(character);
        }

        return line.ToString();
    }

    private static bool IsUnfit(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029'; // The latter two end a line in Unicode.
}
