using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Results;

namespace RawSocketChat.Load.Tests;

public sealed class Results
{
    [Test]
    public void A_cost_is_the_median_over_the_rounds_and_a_multiple_of_the_references()
    {
        var results = CellResult.Of(
        [
            Measured("ours", 1, cpu: 2), Measured("kestrel", 1, cpu: 10),
            Measured("ours", 2, cpu: 9), Measured("kestrel", 2, cpu: 11),
            Measured("ours", 3, cpu: 5), Measured("kestrel", 3, cpu: 90),
        ]);

        results.Select(row => row.Server).Should().Equal("ours", "kestrel");
        results[0].CpuMicrosecondsPerMessage.Should().Be(new Spread(5, 2, 9));
        results[0].RatioToReference.Should().BeApproximately(5 / 11.0, 1e-9);
    }

    [Test]
    public void A_failure_is_told_and_has_no_figures()
    {
        var row = CellResult.Of([new Sample("cell", "ours", 1) { Failure = "it broke" }]).Single();

        row.CpuMicrosecondsPerMessage.Should().BeNull();
        Table.OfTraffic([row]).ForMarkdown().Last().Should().Be("| cell | ours |  |  |  |  |  |  |  |  |  |  | failed: it broke |");
    }

    [Test]
    public void What_is_on_the_wire_is_told_in_percent_of_the_messages_where_they_are_compressed()
    {
        var compressed = Measured("ours", 1, cpu: 2) with { MessageBytes = 4000, WireBytes = 1230 };

        compressed.WirePercent.Should().Be(30.75);
        CellResult.Of([compressed]).Single().WirePercent.Should().Be(new Spread(30.75, 30.75, 30.75));
        Measured("ours", 1, cpu: 2).WirePercent.Should().BeNull();
    }

    [Test]
    public void The_memory_of_a_connection_that_has_compressed_is_a_multiple_of_the_references()
    {
        var results = CellResult.Of([Held("ours", idle: 20_000), Held("kestrel", idle: 200_000)]);

        results[0].RatioToReference.Should().BeApproximately(0.1, 1e-9);
        Table.OfDeflate(results).ForMarkdown().Should().BeEmpty();
        Table.OfDeflateMemory(results).ForMarkdown().Skip(2).First().Should()
            .Be("| cell | ours | 30,000 | 30,000..30,000 | 20,000 | 20,000..20,000 | 0.10 | 5,000 |  |");
    }

    [TestCase(0.96, 0.90, true)]
    [TestCase(0.96, 0.99, false)]
    [TestCase(0.80, 0.70, false)]
    public void The_generator_is_the_limit_where_it_is_busy_and_the_server_is_not(double generator, double server, bool expected) =>
        new Sample("cell", "ours", 1) { Messages = 1, Seconds = 1, GeneratorCpuSeconds = generator, ServerCpuSeconds = server }
            .GeneratorIsLimit.Should().Be(expected);

    [Test]
    public void The_summary_of_system_calls_is_read_without_its_total()
    {
        string[] summary = ["syscall              calls", "---------------- ---------", "recvfrom              1200", "sendto  400", "total  1600"];

        SystemCallCounter.Parse(summary).Should().BeEquivalentTo(new Dictionary<string, long> { ["recvfrom"] = 1200, ["sendto"] = 400 });
    }

    private static Sample Held(string server, double idle) => new("cell", server, 1)
    {
        BusyBytesPerConnection = 30_000,
        ResidentBytesPerConnection = idle,
        HeapBytesPerConnection = 5_000,
    };

    private static Sample Measured(string server, int round, double cpu) =>
        new("cell", server, round) { Messages = 1_000_000, Seconds = 10, ServerCpuSeconds = cpu };
}
