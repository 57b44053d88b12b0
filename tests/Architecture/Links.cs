using System.Text.RegularExpressions;

namespace RawSocketChat.Architecture.Tests;

/// <summary>A reader who follows a link arrives somewhere.</summary>
internal sealed partial class Links
{
    private static readonly string[] NotOurs = ["node_modules", "bin", "obj", "artifacts"];

    public static IEnumerable<TestCaseData> Pages =>
        from file in Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
        let name = Path.GetRelativePath(Repository.Root, file)
        where !name.Split(Path.DirectorySeparatorChar).Any(folder => folder.StartsWith('.') || NotOurs.Contains(folder))
        select new TestCaseData(name).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Pages))]
    public void Every_relative_link_leads_to_a_file_and_a_heading_that_is_there(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        var text = Code().Replace(File.ReadAllText(file), string.Empty);

        Link().Matches(text).Select(match => match.Groups[1].Value).Where(link => !IsSound(file, link)).Should().BeEmpty();
    }

    private static bool IsSound(string file, string link)
    {
        if (link.Contains(':', StringComparison.Ordinal))
        {
            return true;
        }

        var (path, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, string.Empty);
        var target = path.Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, path);
        return Path.Exists(target) && (anchor.Length == 0 || Headings(target).Contains(anchor));
    }

    // As the pages are shown where the repository is: lower case, hyphens for spaces, nothing else that is no letter.
    private static IEnumerable<string> Headings(string file) =>
        Heading().Matches(Code().Replace(File.ReadAllText(file), string.Empty))
            .Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'));

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
