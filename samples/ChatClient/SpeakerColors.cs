using Spectre.Console;

namespace ChatClient;

/// <summary>A colour for each name: the same one today and tomorrow, here and on every other terminal.</summary>
internal static class SpeakerColors
{
    // Of the sixteen, which every terminal has in tones that can be read on its background; red is for errors.
    private static readonly Color[] Palette =
    [
        Color.Green, Color.Olive, Color.Blue, Color.Purple, Color.Teal, Color.Lime, Color.Fuchsia, Color.Aqua,
    ];

    public static Color Of(string name)
    {
        // FNV-1a: the framework's own hash of a string is another in each process.
        var hash = 2166136261;
        foreach (var character in name)
        {
            hash = unchecked((hash ^ character) * 16777619);
        }

        return Palette[hash % (uint)Palette.Length];
    }
}
