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
    private const int MostRounds = 40 * Rounds;

    public static IEnumerable<TestCaseData> AllBenchmarks =>
        BenchmarkList.All.Select(it => new TestCaseData(it).SetArgDisplayNames(BenchmarkList.NameOf(it)));

    public static IEnumerable<TestCaseData> AllRatios =>
        from benchmark in BenchmarkList.All
        from ratio in BenchmarkList.BudgetOf(benchmark)?.Ratios ?? []
        where BenchmarkList.BytesOf(benchmark) == ratio.Bytes
        select new TestCaseData(benchmark, ratio).SetArgDisplayNames(BenchmarkList.NameOf(benchmark), ratio.To);

    [Test]
    public void There_is_a_budget_for_every_benchmark_and_a_benchmark_for_every_budget()
    {
        var benchmarks = BenchmarkList.All.Select(it => $"{BenchmarkList.ClassOf(it)}.{BenchmarkList.MethodOf(it)}").Distinct();
        var budgets = BudgetFile.Budgets.SelectMany(type => type.Value.Keys.Select(method => $"{type.Key}.{method}"));

        budgets.Should().BeEquivalentTo(benchmarks);
    }

    [Test]
    public void A_ratio_is_measured_somewhere_and_its_floor_is_below_what_is_claimed()
    {
        var measured = AllRatios
            .Select(it => (BenchmarkList.ClassOf((BenchmarkCase)it.Arguments[0]!), (RatioBudget)it.Arguments[1]!))
            .ToHashSet();
        var budgeted =
            from type in BudgetFile.Budgets
            from method in type.Value.Values
            from ratio in method.Ratios
            select (type.Key, ratio);
        foreach (var (type, ratio) in budgeted)
        {
            measured.Should().Contain((type, ratio));
            ratio.Floor.Should().BePositive().And.BeLessThan(ratio.Claim, "{0} of {1}", ratio, type);
        }
    }

    [TestCaseSource(nameof(AllBenchmarks))]
    public void It_runs_and_allocates_no_more_than_its_budget(BenchmarkCase benchmark)
    {
        using var running = new RunningBenchmark(benchmark);
        var budget = BenchmarkList.BudgetOf(benchmark);
        if (budget is null or { IsPeer: true })
        {
            running.Invoke();
            return;
        }

        var allocated = running.Allocated();

        TestContext.Out.WriteLine($"{allocated} bytes");
        allocated.Should().BeLessThanOrEqualTo(budget.Allocated + (budget.AllocatedPerByte * (BenchmarkList.BytesOf(benchmark) ?? 0)));
    }

    [TestCaseSource(nameof(AllRatios))]
    public void It_is_not_far_slower_than_is_claimed(BenchmarkCase benchmark, object ratio)
    {
        var (to, _, claim, floor) = (RatioBudget)ratio;
        using var ours = new RunningBenchmark(benchmark);
        using var peer = new RunningBenchmark(PeerOf(benchmark, to));
        ours.Time(WarmUp);
        peer.Time(WarmUp);

        // Interleaved, and the best of each: what disturbs one round of the one disturbs another of the other. On a machine that is busy with
        // other things it takes more of them to find either at its best, and until then neither may be compiled well.
        var (best, bestOfPeer, measured) = (double.MaxValue, double.MaxValue, 0.0);
        for (var round = 0; round < Rounds || (measured <= floor && round < MostRounds); round++)
        {
            best = Math.Min(best, ours.Time(Round));
            bestOfPeer = Math.Min(bestOfPeer, peer.Time(Round));
            measured = bestOfPeer / best;
        }

        TestContext.Out.WriteLine($"{best:0.0} ns, the peer {bestOfPeer:0.0} ns: {measured:0.00} times its rate; {claim} are claimed");
        measured.Should().BeGreaterThan(floor);
    }

    private static BenchmarkCase PeerOf(BenchmarkCase benchmark, string to) => BenchmarkList.All.Single(it =>
        it.Descriptor.Type == benchmark.Descriptor.Type
        && BenchmarkList.MethodOf(it) == to
        && it.Parameters.ValueInfo == benchmark.Parameters.ValueInfo);
}
