namespace RawSocketChat.Benchmarks.Tests;

/// <summary>What one benchmark may cost.</summary>
internal sealed record Budget
{
    /// <summary>Whether it measures what ours is compared with: its memory is its own affair.</summary>
    public bool IsPeer { get; init; }

    /// <summary>The most bytes that an operation may allocate.</summary>
    public double Allocated { get; init; }

    /// <summary>The most bytes that an operation may allocate besides, for each byte that it handles.</summary>
    public double AllocatedPerByte { get; init; }

    /// <summary>How it stands to its peers.</summary>
    public IReadOnlyList<RatioBudget> Ratios { get; init; } = [];
}
