using System.Globalization;

namespace RawSocketChat.Load.Results;

/// <summary>The report to be read.</summary>
internal static class MarkdownText
{
    public static string Of(Report report, string? picture)
    {
        List<string> lines =
        [
            $"# {report.Suite.Title}, {report.Effort.Name} run of {report.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
            "",
            .. report.Origin.Select(line => $"- {line}"),
            .. report.Servers.Select(spec => $"- `{spec.Name}`: {spec.Description}"),
            "",
            .. picture is null ? Array.Empty<string>() : [$"![CPU a message, as a multiple of Kestrel's]({picture})", ""],
        ];
        if (report.Effort == report.Suite.Quick)
        {
            lines.AddRange(["A quick run shows what is very wrong; it proves no difference of a few percent.", ""]);
        }

        lines.AddRange(report.Tables.SelectMany(table => table.ForMarkdown().Append(string.Empty)));
        lines.AddRange(SystemCalls(report));
        return string.Join('\n', lines).TrimEnd() + "\n";
    }

    // By name, those that come at least once in a hundred messages.
    private static IEnumerable<string> SystemCalls(Report report)
    {
        var counted = report.Samples.Where(sample => sample.SystemCallsPerMessage is not null).ToArray();
        if (counted.Length == 0)
        {
            yield break;
        }

        yield return "System calls a message, counted by strace in a pass of their own, which slows the server and so changes how much it finds at once:";
        yield return string.Empty;
        foreach (var sample in counted)
        {
            var calls = sample.SystemCallsPerMessage!.Where(each => each.Value >= 0.01).OrderByDescending(each => each.Value)
                .Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Key} {each.Value:F2}"));
            yield return $"- {sample.Cell}, {sample.Server}: {string.Join(", ", calls)}";
        }
    }
}
