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

        plan.Servers.Select(server => server.Name).Should().Equal("ours", "ours-portable", "kestrel", "kestrel-tuned", "ws", "bare", "bare-epoll");
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
            "echo-125B-x64", "echo-125B-x64-depth16", "echo-125B-x1000", "echo-125B-x1000-depth16", "echo-125B-x10000", "idle-x10000");
        plan.Effort.Should().Be(Effort.Quick with { Name = "quick-part", Rounds = 3 });
        plan.Output.Should().Be("here");
    }

    [Test]
    public void A_quick_run_leaves_out_what_takes_long_unless_it_is_asked_for()
    {
        Plan("--quick").Cells.Should().Equal(Cells.Cell.All.Where(cell => cell.Name != "echo-125B-x10000"));
        Plan("--quick", "--cells", "echo-125B-x10000").Cells.Should().ContainSingle();
    }

    [Test]
    public void With_deflate_other_servers_and_cells_are_measured_under_files_of_their_own()
    {
        var plan = Plan("--deflate");

        plan.Suite.Should().BeSameAs(LoadSuite.Deflate);
        plan.Servers.Select(server => server.Name).Should().Equal("ours", "kestrel", "kestrel-tuned", "ws");
        plan.Servers.Should().OnlyContain(server => server.Arguments.Contains("--deflate"));
        plan.Cells.Should().HaveCount(30).And.OnlyContain(cell => cell.Terms != null).And.OnlyHaveUniqueItems(cell => cell.Name);
        plan.Effort.Should().Be(Effort.DeflateFull);
        plan.Suite.FilePrefix.Should().NotBe(LoadSuite.Plain.FilePrefix);
    }

    [Test]
    public void With_deflate_servers_and_cells_are_chosen_of_those_wherever_the_switch_stands()
    {
        var plan = Plan("--cells", "chat-200B-takeover-12,memory-alone", "--servers", "ours,ws", "--quick", "--deflate");

        plan.Servers.Should().Equal(Servers.ServerSpec.Deflating[0], Servers.ServerSpec.Deflating[^1]);
        plan.Cells.Select(cell => cell.Name).Should().Equal("chat-200B-takeover-12", "memory-alone-9", "memory-alone-12", "memory-alone-15");
        plan.Effort.Should().Be(Effort.DeflateQuick with { Name = "quick-part" });
    }

    [TestCase("--servers", "bare")]
    [TestCase("--cells", "idle")]
    public void What_belongs_to_the_other_suite_is_an_error(string name, string value) =>
        Parse("--deflate", name, value).Errors.Should().ContainSingle().Which.Message.Should().StartWith($"{name}: \"{value}\" is not ");

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
