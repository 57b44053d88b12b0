using BenchmarkDotNet.Running;

namespace RawSocketChat.Benchmarks.Micro.Columns;

/// <summary>Millions of frames a second, where an operation is a frame.</summary>
internal sealed class FramesPerSecondColumn() : RateColumn("Mframes/s", "Millions of frames a second, on one core")
{
    protected override double? UnitsOf(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Descriptor.Type.IsDefined(typeof(FrameBenchmarkAttribute), inherit: false) ? 1 : null;

    protected override FormattableString Format(double unitsPerNanosecond) => $"{unitsPerNanosecond * 1e3:0.00}";
}
