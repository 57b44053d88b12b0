using System.Globalization;

using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace RawSocketChat.Benchmarks.Micro.Columns;

/// <summary>A rate that follows from the mean time of an operation.</summary>
/// <param name="name">The column's head.</param>
/// <param name="legend">What the rate is.</param>
internal abstract class RateColumn(string name, string legend) : IColumn
{
    public string Id => nameof(RateColumn) + "." + name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(it => UnitsOf(it) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        UnitsOf(benchmarkCase) is { } units && summary[benchmarkCase]?.ResultStatistics is { } time
            ? Format(units / time.Mean).ToString(CultureInfo.InvariantCulture)
            : "-";

    /// <summary>How many units one operation handles; null where the column does not apply.</summary>
    protected abstract double? UnitsOf(BenchmarkCase benchmarkCase);

    /// <summary>A rate in units a nanosecond as the column shows it.</summary>
    protected abstract FormattableString Format(double unitsPerNanosecond);
}
