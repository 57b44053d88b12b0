using System.Text;

namespace RawSocketChat.Samples;

/// <summary>
/// What may be a nickname. Nicknames need not be unique: a name is no proof of who speaks, and refusing a second 小明 would
/// let the first one keep it by staying connected. Clients tell people apart by the member's id, which every event carries.
/// </summary>
internal static class Nickname
{
    /// <summary>The <c>from</c> of all that the server itself says; as a nickname it would speak in the server's voice.</summary>
    public const string Server = "server";

    /// <summary>Trims <paramref name="given"/> and judges it.</summary>
    /// <returns>The nickname, or null and <paramref name="problem"/> in a sentence for the one who chose it.</returns>
    public static string? Accept(string given, out string? problem)
    {
        var name = given.Trim();
        problem = Judge(name);
        return problem is null ? name : null;
    }

    private static string? Judge(string name)
    {
        if (name.Length == 0)
        {
            return "A nickname needs at least one character that is not a space.";
        }

        if (name.Equals(Server, StringComparison.OrdinalIgnoreCase))
        {
            return $"The nickname \"{Server}\" belongs to the server.";
        }

        var length = 0;
        foreach (var character in name.EnumerateRunes())
        {
            if (Rune.IsControl(character))
            {
                return "A nickname has no control characters.";
            }

            length++;
        }

        return length <= ChatRules.MaxNameLength
            ? null
            : $"A nickname has at most {ChatRules.MaxNameLength} characters; this one has {length}.";
    }
}
