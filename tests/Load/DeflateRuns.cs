using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Results;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Tests;

/// <summary>Small runs with compression, of servers as processes.</summary>
[Platform("Linux", Reason = "The generator speaks to Linux.")]
public sealed class DeflateRuns
{
    private static readonly Effort Least = new(
        "least", Rounds: 1, LeastWarmCpuSeconds: 0.02, MostWarmCpuSeconds: 0.02, Seconds: 0.05, SystemCallSeconds: 0, SettleSeconds: 0,
        CountsSystemCalls: false, KeepsServers: true);

    private static readonly ServerSpec[] Servers =
        [.. ServerSpec.Deflating.Where(spec => spec.Name is "ours" or ServerSpec.Reference)];

    [TestCase("chat-200B-takeover-12")]
    [TestCase("chat-4KiB-alone-9")]
    public async Task Both_answer_compressed_what_they_were_sent(string name)
    {
        var samples = await RunAsync(Cell.Deflating.Single(cell => cell.Name == name) with { Connections = 4 }, Servers);

        samples.Select(sample => sample.Server).Should().Equal("ours", "kestrel");
        foreach (var sample in samples)
        {
            sample.Failure.Should().BeNull();
            sample.Messages.Should().BePositive();
            sample.CpuMicrosecondsPerMessage.Should().BePositive();
            sample.WirePercent.Should().BeInRange(1, 50, "a chat's messages compress that well");
        }

        Table.OfDeflate(CellResult.Of(samples)).ForMarkdown().Should().HaveCount(2 + samples.Count);
    }

    [Test]
    public async Task Memory_is_measured_of_a_process_of_its_own()
    {
        var cell = Cell.Deflating.Single(each => each.Name == "memory-takeover-12") with { Connections = 8 };

        var samples = await RunAsync(cell, Servers[..1]);

        var sample = samples.Should().ContainSingle().Subject;
        sample.Failure.Should().BeNull();
        sample.BusyBytesPerConnection.Should().NotBeNull();
        sample.ResidentBytesPerConnection.Should().NotBeNull();

        // RFC 7692 §7.1.2: with a window of 12 bits, a server holds at least that of what it receives.
        sample.HeapBytesPerConnection.Should().BeGreaterThan(1 << 12);
        Table.OfDeflateMemory(CellResult.Of(samples)).ForMarkdown().Should().HaveCount(2 + samples.Count);
    }

    [Test]
    public async Task A_server_that_declines_is_told()
    {
        var samples = await RunAsync(
            Cell.Deflating[0] with { Connections = 1 }, [new("silent", "without compression", "BenchServer", "--deflate", "off")]);

        samples.Should().ContainSingle().Which.Failure.Should().StartWith("The server has declined ");
    }

    private static async Task<IReadOnlyList<Sample>> RunAsync(Cell cell, IReadOnlyList<ServerSpec> servers)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await new LoadRun([cell], servers, Least, TextWriter.Null).RunAsync(bound.Token);
    }
}
