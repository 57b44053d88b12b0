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

    // Format characters turn round the order in which a line is read; but joiners belong to words and emoji.
    private static bool IsUnfit(char character) => char.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => character is not ('\u200c' or '\u200d'),
        _ => false,
    };
}
