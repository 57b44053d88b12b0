namespace RawSocketChat.Load.Measuring;

/// <summary>How long everything takes.</summary>
/// <param name="Name">What the results are called.</param>
/// <param name="Rounds">How often each server is measured in each cell, by turns.</param>
/// <param name="LeastWarmCpuSeconds">The processor time that a server takes in a cell, at least, before it counts.</param>
/// <param name="MostWarmCpuSeconds">The same, at most: until then, it does not count while its runtime still compiles.</param>
/// <param name="Seconds">How long is measured.</param>
/// <param name="SystemCallSeconds">How long system calls are counted.</param>
/// <param name="SettleSeconds">How long idle connections are left alone before the memory is looked at.</param>
/// <param name="CountsSystemCalls">Whether system calls are counted; only where servers are not kept, since counting changes a process for good.</param>
/// <param name="KeepsServers">
/// Whether a server goes on from cell to cell. It is then warmed ten times as long in its first, and begins each with what the ones before have
/// left.
/// </param>
internal sealed record Effort(
    string Name,
    int Rounds,
    double LeastWarmCpuSeconds,
    double MostWarmCpuSeconds,
    double Seconds,
    double SystemCallSeconds,
    double SettleSeconds,
    bool CountsSystemCalls,
    bool KeepsServers)
{
    /// <summary>Enough to print a figure.</summary>
    public static Effort Full { get; } = new(
        "full", Rounds: 4, LeastWarmCpuSeconds: 2, MostWarmCpuSeconds: 6, Seconds: 1.2, SystemCallSeconds: 0.5, SettleSeconds: 1,
        CountsSystemCalls: true, KeepsServers: false);

    /// <summary>The same with compression, where there are more cells and the differences are greater.</summary>
    public static Effort DeflateFull { get; } = new(
        "full", Rounds: 3, LeastWarmCpuSeconds: 0.3, MostWarmCpuSeconds: 0.6, Seconds: 0.4, SystemCallSeconds: 0, SettleSeconds: 0.3,
        CountsSystemCalls: false, KeepsServers: true);

    /// <summary>Enough to see whether something is very wrong.</summary>
    public static Effort Quick { get; } = new(
        "quick", Rounds: 1, LeastWarmCpuSeconds: 0.15, MostWarmCpuSeconds: 0.3, Seconds: 0.2, SystemCallSeconds: 0, SettleSeconds: 0.3,
        CountsSystemCalls: false, KeepsServers: true);

    /// <summary>The same with compression, shorter still, as there are more cells.</summary>
    public static Effort DeflateQuick { get; } = Quick with { LeastWarmCpuSeconds = 0.1, MostWarmCpuSeconds = 0.2, Seconds = 0.2 };
}
