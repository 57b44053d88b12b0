using BenchmarkDotNet.Running;

namespace RawSocketChat.Benchmarks.Tests;

/// <summary>
/// Every benchmark runs, and keeps to <c>benchmarks/budgets.json</c>. Memory is counted exactly; time decides only by a wide margin,
/// because nobody knows what else the machine does.
/// </summary>
public sealed class Budgets
{
    // Long enough for the runtime to have compiled the hot methods anew with what it has learned about them.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(10);
    private const int Rounds = 8;

    public static IEnumerable<TestCaseData> AllBenchmarks =>
        Benchmarks.All.Select(it => new TestCaseData(it).SetArgDisplayNames(Benchmarks.NameOf(it)));

    public static IEnumerable<TestCaseData> AllRatios =>
        from benchmark in Benchmarks.All
        from ratio in Benchmarks.BudgetOf(benchmark)?.Ratios ?? []
        where Benchmarks.BytesOf(benchmark) == ratio.Bytes
        select new TestCaseData(benchmark, ratio).SetArgDisplayNames(Benchmarks.NameOf(benchmark), ratio.To);

    [Test]
    public void There_is_a_budget_for_every_benchmark_and_a_benchmark_for_every_budget()
    {
        var benchmarks = Benchmarks.All.Select(it => $"{Benchmarks.ClassOf(it)}.{Benchmarks.MethodOf(it)}").Distinct();
        var budgets = BudgetFile.Budgets.SelectMany(type => type.Value.Keys.Select(method => $"{type.Key}.{method}"));

        budgets.Should().BeEquivalentTo(benchmarks);
    }

    [Test]
    public void A_ratio_is_measured_somewhere_and_its_floor_is_below_what_is_claimed()
    {
        foreach (var (type, ratio) in BudgetFile.Budgets.SelectMany(type => type.Value.Values.SelectMany(it => it.Ratios), (type, it) => (type.Key, it)))
        {
            AllRatios.Should().Contain(it => Benchmarks.ClassOf((BenchmarkCase)it.Arguments[0]!) == type && ratio.Equals(it.Arguments[1]), "{0} of {1}", ratio, type);
            ratio.Floor.Should().BePositive().And.BeLessThan(ratio.Claim, "{0} of {1}", ratio, type);
        }
    }

    [TestCaseSource(nameof(AllBenchmarks))]
    public void It_runs_and_allocates_no_more_than_its_budget(BenchmarkCase benchmark)
    {
        using var running = new RunningBenchmark(benchmark);
        var budget = Benchmarks.BudgetOf(benchmark);
        if (budget is null or { IsPeer: true })
        {
            running.Invoke();
            return;
        }

        var allocated = running.Allocated();

        TestContext.Out.WriteLine($"{allocated} bytes");
        allocated.Should().BeLessThanOrEqualTo(budget.Allocated + (budget.AllocatedPerByte * (Benchmarks.BytesOf(benchmark) ?? 0)));
    }

    [TestCaseSource(nameof(AllRatios))]
    public void It_is_not_far_slower_than_is_claimed(BenchmarkCase benchmark, object ratio)
    {
        var (to, _, claim, floor) = (RatioBudget)ratio;
        using var ours = new RunningBenchmark(benchmark);
        using var peer = new RunningBenchmark(PeerOf(benchmark, to));
        ours.Time(WarmUp);
        peer.Time(WarmUp);

        // Interleaved, and the best of each: what disturbs one round of the one disturbs another of the other.
        var (best, bestOfPeer) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            best = Math.Min(best, ours.Time(Round));
            bestOfPeer = Math.Min(bestOfPeer, peer.Time(Round));
        }

        TestContext.Out.WriteLine($"{best:0.0} ns, the peer {bestOfPeer:0.0} ns: {bestOfPeer / best:0.00} times its rate; {claim} are claimed");
        (bestOfPeer / best).Should().BeGreaterThan(floor);
    }

    private static BenchmarkCase PeerOf(BenchmarkCase benchmark, string to) => Benchmarks.All.Single(it =>
        it.Descriptor.Type == benchmark.Descriptor.Type
        && Benchmarks.MethodOf(it) == to
        && it.Parameters.ValueInfo == benchmark.Parameters.ValueInfo);
}
