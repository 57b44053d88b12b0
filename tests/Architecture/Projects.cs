using System.Xml.Linq;

namespace RawSocketChat.Architecture.Tests;

internal sealed class Projects
{
    public static IEnumerable<string> Sources => Repository.ProjectsUnder("src").Select(path => Path.GetRelativePath(Repository.Root, path));

    [TestCaseSource(nameof(Sources))]
    public void Every_project_is_ready_for_ahead_of_time_compilation(string project)
    {
        var path = Path.Combine(Repository.Root, project);
        string[] judged = [path, .. PropsAbove(path)];

        // The project's own word comes first; the nearest file of common rules next.
        var value = judged.Select(file => XDocument.Load(file).Descendants("IsAotCompatible").LastOrDefault()?.Value).FirstOrDefault(it => it is not null);

        value.Should().Be("true");
    }

    [TestCaseSource(nameof(Sources))]
    public void Every_project_lists_what_is_public(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, project))!;

        File.Exists(Path.Combine(folder, "PublicAPI.Shipped.txt")).Should().BeTrue();
        File.Exists(Path.Combine(folder, "PublicAPI.Unshipped.txt")).Should().BeTrue();
    }

    [Test]
    public void Warnings_are_errors_everywhere()
    {
        var rules = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        rules.Descendants("TreatWarningsAsErrors").Should().ContainSingle().Which.Value.Should().Be("true");

        foreach (var folder in new[] { "src", "samples", "tests" })
        {
            foreach (var project in Repository.ProjectsUnder(folder))
            {
                XDocument.Load(project).Descendants("TreatWarningsAsErrors").Should().BeEmpty(project);
            }
        }
    }

    private static IEnumerable<string> PropsAbove(string project)
    {
        for (var folder = Path.GetDirectoryName(project); folder?.Length >= Repository.Root.Length; folder = Path.GetDirectoryName(folder))
        {
            var props = Path.Combine(folder, "Directory.Build.props");
            if (File.Exists(props))
            {
                yield return props;
            }
        }
    }
}
