using System.CommandLine;
using System.Globalization;

using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Servers;
using RawSocketChat.Samples;

namespace RawSocketChat.Load;

/// <summary>The command line.</summary>
internal sealed class LoadSwitches
{
    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "One short round: enough to see whether something is very wrong.",
    };

    private readonly Option<IReadOnlyList<ServerSpec>?> _servers = new("--servers")
    {
        Description = $"The servers to measure: {string.Join(", ", ServerSpec.All.Select(spec => spec.Name))}. All unless given.",
        HelpName = "A,B",
        CustomParser = ServerSwitches.Read("a list of servers, such as ours,kestrel; --list tells them", ReadServers),
    };

    private readonly Option<IReadOnlyList<Cell>?> _cells = new("--cells")
    {
        Description = "The cells to measure: parts of their names, or patterns with *, separated by commas. All unless given.",
        HelpName = "PATTERN",
        CustomParser = ServerSwitches.Read("a part of a cell's name; --list tells them", text => Cell.Matching(text) is { Count: > 0 } found ? found : null),
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = $"How often each server is measured in each cell: {Effort.Full.Rounds} unless given, {Effort.Quick.Rounds} with --quick.",
        HelpName = "N",
        CustomParser = ServerSwitches.ReadValue<int>(
            "a number from 1 to 100",
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= 100 ? value : null),
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "The folder to write the results to: benchmarks/results/DATE unless given.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _list = new("--list")
    {
        Description = "Tells the servers and the cells, and measures nothing.",
    };

    /// <summary>Adds the switches to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_quick);
        command.Add(_servers);
        command.Add(_cells);
        command.Add(_rounds);
        command.Add(_output);
        command.Add(_list);
    }

    /// <summary>What is asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="today">The day that the results are filed under.</param>
    public LoadPlan Plan(ParseResult parsed, DateOnly today)
    {
        var effort = parsed.GetValue(_quick) ? Effort.Quick : Effort.Full;
        var servers = parsed.GetValue(_servers);
        var cells = parsed.GetValue(_cells);
        if (servers is not null || cells is not null)
        {
            // Not to take the place of a whole run's results.
            effort = effort with { Name = $"{effort.Name}-part" };
        }

        return new(
            servers ?? ServerSpec.All,
            cells ?? Cell.All,
            parsed.GetValue(_rounds) is var rounds and > 0 ? effort with { Rounds = rounds } : effort,
            parsed.GetValue(_output)
                ?? Path.Combine(Repository.Root, "benchmarks", "results", today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            parsed.GetValue(_list));
    }

    private static IReadOnlyList<ServerSpec>? ReadServers(string text)
    {
        var names = text.Split(',');
        return names.All(name => ServerSpec.All.Any(spec => spec.Name == name))
            ? [.. ServerSpec.All.Where(spec => names.Contains(spec.Name))]
            : null;
    }
}
