using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Reports;

using RawSocketChat.Benchmarks.Micro.Columns;

namespace RawSocketChat.Benchmarks.Micro;

/// <summary>What every table shows: the time, the rates that it comes to, how it stands to the peer, and the memory.</summary>
internal sealed class MicroConfig : ManualConfig
{
    public MicroConfig()
    {
        Add(DefaultConfig.Instance);
        AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)));
        AddColumn(new FramesPerSecondColumn(), new GigabytesPerSecondColumn());

        // The spread stays as StdDev; these say the same in other ways.
        HideColumns(Column.Error, Column.Median, Column.RatioSD, Column.AllocRatio);
        WithSummaryStyle(SummaryStyle.Default.WithRatioStyle(RatioStyle.Trend));
    }
}
