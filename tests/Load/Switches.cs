using System.CommandLine;

using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Tests;

public sealed class Switches
{
    private static readonly DateOnly Today = new(2026, 1, 2);

    [Test]
    public void Without_a_switch_everything_is_measured_for_as_long_as_a_figure_needs()
    {
        var plan = Plan();

        plan.Servers.Select(server => server.Name).Should().Equal("ours", "ours-portable", "kestrel", "kestrel-tuned", "ws", "bare");
        plan.Cells.Should().Equal(Cells.Cell.All);
        plan.Effort.Should().Be(Effort.Full);
        plan.Output.Should().EndWith(Path.Combine("benchmarks", "results", "2026-01-02"));
    }

    [Test]
    public void Servers_cells_rounds_and_the_folder_can_be_chosen()
    {
        var plan = Plan("--quick", "--servers", "bare,ours", "--cells", "echo-125B-*,idle", "--rounds", "3", "--output", "here");

        plan.Servers.Select(server => server.Name).Should().Equal("ours", "bare");
        plan.Cells.Select(cell => cell.Name).Should().Equal(
            "echo-125B-x64", "echo-125B-x64-depth16", "echo-125B-x1000", "echo-125B-x1000-depth16", "idle-x10000");
        plan.Effort.Should().Be(Effort.Quick with { Name = "quick-part", Rounds = 3 });
        plan.Output.Should().Be("here");
    }

    [TestCase("echo-125B-x64", "echo-125B-x64")]
    [TestCase("1KiB-x64", "text-1KiB-x64-depth16")]
    [TestCase("idle,echo-16B", "echo-16B-x1", "idle-x10000")]
    public void A_cell_is_told_by_its_name_or_by_a_part_of_it(string list, params string[] expected) =>
        Plan("--cells", list).Cells.Select(cell => cell.Name).Should().Equal(expected);

    [TestCase("--servers", "ours,nobody")]
    [TestCase("--cells", "no-such-cell")]
    [TestCase("--rounds", "0")]
    [TestCase("--fast", "1")]
    public void A_wrong_switch_is_an_error_that_names_it(string name, string value) =>
        Parse(name, value).Errors[0].Message.Should().Contain(name);

    private static LoadPlan Plan(params string[] arguments)
    {
        var switches = new LoadSwitches();
        var command = new RootCommand();
        switches.AddTo(command);
        var parsed = command.Parse(arguments);
        parsed.Errors.Should().BeEmpty();
        return switches.Plan(parsed, Today);
    }

    private static ParseResult Parse(params string[] arguments)
    {
        var command = new RootCommand();
        new LoadSwitches().AddTo(command);
        return command.Parse(arguments);
    }
}
