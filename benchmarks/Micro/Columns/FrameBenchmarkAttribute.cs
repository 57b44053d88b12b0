namespace RawSocketChat.Benchmarks.Micro.Columns;

/// <summary>An operation of the benchmarks in this class is one frame.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FrameBenchmarkAttribute : Attribute;
