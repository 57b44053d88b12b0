using System.Globalization;
using System.Text;

using Spectre.Console.Rendering;

namespace ChatClient;

/// <summary>How many columns of a terminal text takes, by grapheme cluster: what is one sign for a reader is never split.</summary>
internal static class CellWidth
{
    private const char EmojiPresentation = '\ufe0f';

    public static int Of(ReadOnlySpan<char> text)
    {
        var width = 0;
        while (!text.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(text);
            width += OfCluster(text[..length]);
            text = text[length..];
        }

        return width;
    }

    /// <summary>A cluster is as wide as its first character, and two columns where it is shown as an emoji.</summary>
    private static int OfCluster(ReadOnlySpan<char> cluster)
    {
        Rune.DecodeFromUtf16(cluster, out var first, out var length);
        return cluster[length..].Contains(EmojiPresentation) || IsFlag(first, cluster.Length)
            ? 2
            : new Segment(first.ToString()).CellCount();
    }

    // Two regional indicators are a flag; one alone is a letter.
    private static bool IsFlag(Rune first, int length) => first.Value is >= 0x1f1e6 and <= 0x1f1ff && length >= 4;
}
