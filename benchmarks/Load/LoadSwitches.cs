using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Servers;
using RawSocketChat.Samples;

namespace RawSocketChat.Load;

/// <summary>The command line.</summary>
internal sealed class LoadSwitches
{
    private readonly Option<bool> _deflate = new("--deflate")
    {
        Description = "Other cells and servers: what permessage-deflate costs, in processor time and memory.",
    };

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "One short round: enough to see whether something is very wrong.",
    };

    // Read when everything is parsed: which there are depends on another switch, wherever that stands.
    private readonly Option<string?> _servers = new("--servers")
    {
        Description = $"The servers to measure: {Names(LoadSuite.Plain)}; with --deflate {Names(LoadSuite.Deflate)}. All unless given.",
        HelpName = "A,B",
    };

    private readonly Option<string?> _cells = new("--cells")
    {
        Description = "The cells to measure: parts of their names, or patterns with *, separated by commas. All unless given.",
        HelpName = "PATTERN",
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

    /// <summary>The switches.</summary>
    public LoadSwitches()
    {
        _servers.Validators.Add(Check(ReadServers, "a list of servers, such as ours,kestrel; --list tells them"));
        _cells.Validators.Add(Check(ReadCells, "a part of a cell's name; --list tells them"));
    }

    /// <summary>Adds the switches to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_deflate);
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
        var suite = SuiteOf(parsed.GetValue(_deflate));
        var isQuick = parsed.GetValue(_quick);
        var effort = isQuick ? suite.Quick : suite.Full;
        var servers = parsed.GetValue(_servers) is { } names ? ReadServers(names, suite) : null;
        var cells = parsed.GetValue(_cells) is { } pattern ? ReadCells(pattern, suite) : null;
        if (servers is not null || cells is not null)
        {
            // Not to take the place of a whole run's results.
            effort = effort with { Name = $"{effort.Name}-part" };
        }

        return new(
            suite,
            servers ?? suite.Servers,
            cells ?? [.. suite.Cells.Where(cell => !(isQuick && cell.TakesLong))],
            parsed.GetValue(_rounds) is var rounds and > 0 ? effort with { Rounds = rounds } : effort,
            parsed.GetValue(_output)
                ?? Path.Combine(Repository.Root, "benchmarks", "results", today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            parsed.GetValue(_list));
    }

    private static LoadSuite SuiteOf(bool deflates) => deflates ? LoadSuite.Deflate : LoadSuite.Plain;

    private static string Names(LoadSuite suite) => string.Join(", ", suite.Servers.Select(spec => spec.Name));

    private static IReadOnlyList<ServerSpec>? ReadServers(string text, LoadSuite suite)
    {
        var names = text.Split(',');
        return names.All(name => suite.Servers.Any(spec => spec.Name == name))
            ? [.. suite.Servers.Where(spec => names.Contains(spec.Name))]
            : null;
    }

    private static IReadOnlyList<Cell>? ReadCells(string text, LoadSuite suite) =>
        Cell.Matching(text, suite.Cells) is { Count: > 0 } found ? found : null;

    private Action<OptionResult> Check<T>(Func<string, LoadSuite, T?> read, string expected)
        where T : class =>
        result =>
        {
            if (result.Tokens is [var token, ..] && read(token.Value, SuiteOf(result.GetValue(_deflate))) is null)
            {
                result.AddError($"{result.Option.Name}: \"{token.Value}\" is not {expected}.");
            }
        };
}
