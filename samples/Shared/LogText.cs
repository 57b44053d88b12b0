using System.Globalization;
using System.Text;

namespace RawSocketChat.Samples;

/// <summary>
/// What strangers wrote, fit for a log or a terminal: it can neither begin a line of its own, nor talk to the terminal, nor turn round
/// the order in which the rest of the line is read.
/// </summary>
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
        char.IsControl(character)
        || character is '\u2028' or '\u2029' // These end a line in Unicode.
        || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'); // These turn round the order of what follows.
}
