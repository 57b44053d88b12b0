using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

using RawSocketChat.Benchmarks.Micro;

namespace RawSocketChat.Benchmarks.Tests;

/// <summary>All benchmarks with all their parameters, as BenchmarkDotNet itself finds them.</summary>
internal static class BenchmarkList
{
    public static IReadOnlyList<BenchmarkCase> All { get; } =
        [.. typeof(MicroConfig).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(BenchmarkAttribute), inherit: true)))
            .SelectMany(type => BenchmarkConverter.TypeToBenchmarks(type, ManualConfig.CreateEmpty()).BenchmarksCases)];

    /// <summary>The class, named from its room on.</summary>
    public static string ClassOf(BenchmarkCase benchmark) =>
        benchmark.Descriptor.Type.FullName![(typeof(MicroConfig).Namespace!.Length + 1)..];

    public static string MethodOf(BenchmarkCase benchmark) => benchmark.Descriptor.WorkloadMethod.Name;

    /// <summary>How many bytes an operation handles; null where no parameter tells.</summary>
    public static int? BytesOf(BenchmarkCase benchmark) => (int?)benchmark.Parameters.Items.FirstOrDefault(it => it.Name == "Bytes")?.Value;

    /// <summary>The name of the benchmark with its parameters.</summary>
    public static string NameOf(BenchmarkCase benchmark) =>
        $"{ClassOf(benchmark)}.{MethodOf(benchmark)} {benchmark.Parameters.DisplayInfo}".TrimEnd();

    public static Budget? BudgetOf(BenchmarkCase benchmark) =>
        BudgetFile.Budgets.GetValueOrDefault(ClassOf(benchmark))?.GetValueOrDefault(MethodOf(benchmark));
}
