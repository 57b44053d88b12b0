namespace RawSocketChat.Connection.Tests.HowTo;

/// <summary>What the pages show is what the tests beside this one compile and run.</summary>
public sealed class Pages
{
    [TestCase("hand-a-connection-to-other-code.md", nameof(HandAConnectionToOtherCode), 3)]
    [TestCase("test-a-handler.md", nameof(TestAHandler), 2)]
    public void The_code_of_a_page_is_the_code_of_its_test(string page, string test, int blocks)
    {
        var source = string.Join('\n', Lines(File.ReadLines(Path.Combine(Root(), "tests/Connection/HowTo", test + ".cs"))));
        var shown = Blocks(File.ReadLines(Path.Combine(Root(), "docs/howto", page))).Take(blocks).ToList();
        shown.Should().HaveCount(blocks);
        foreach (var block in shown)
        {
            source.Should().Contain(string.Join('\n', Lines(block)));
        }
    }

    private static IEnumerable<List<string>> Blocks(IEnumerable<string> lines)
    {
        List<string>? block = null;
        foreach (var line in lines)
        {
            if (line == "```csharp")
            {
                block = [];
            }
            else if (line == "```" && block is not null)
            {
                yield return block;
                block = null;
            }
            else
            {
                block?.Add(line);
            }
        }
    }

    // A page says at its head what a test says at the head of its file, and indents less.
    private static IEnumerable<string> Lines(IEnumerable<string> lines) =>
        lines.Select(line => line.Trim()).Where(line => line.Length > 0 && !IsUsing(line));

    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=') && !line.Contains('(');

    // By where the tests run, not where they were compiled: a build that can be repeated does not say that.
    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RawSocketChat.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds the solution.");
        }

        return folder;
    }
}
