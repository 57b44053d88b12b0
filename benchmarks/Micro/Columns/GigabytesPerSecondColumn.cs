using BenchmarkDotNet.Running;

namespace RawSocketChat.Benchmarks.Micro.Columns;

/// <summary>Gigabytes of payload a second, where a parameter tells how many bytes an operation handles.</summary>
internal sealed class GigabytesPerSecondColumn() : RateColumn("GB/s", "10^9 bytes of payload a second, on one core")
{
    /// <summary>The name of that parameter.</summary>
    public const string Parameter = "Bytes";

    protected override double? UnitsOf(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Parameters.Items.FirstOrDefault(it => it.Name == Parameter)?.Value is int bytes ? bytes : null;

    protected override FormattableString Format(double unitsPerNanosecond) => $"{unitsPerNanosecond:0.00}";
}
