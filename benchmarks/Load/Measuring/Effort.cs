namespace RawSocketChat.Load.Measuring;

/// <summary>How long everything takes.</summary>
/// <param name="Name">What the results are called.</param>
/// <param name="Rounds">How often each server is measured in each cell, by turns.</param>
/// <param name="WarmCpuSeconds">The processor time that a server takes before it counts: its code is compiled for good by then.</param>
/// <param name="Seconds">How long is measured.</param>
/// <param name="SystemCallSeconds">How long system calls are counted.</param>
/// <param name="SettleSeconds">How long idle connections are left alone before the memory is looked at.</param>
/// <param name="CountsAllSystemCalls">Whether system calls are counted in every cell, or in some.</param>
internal sealed record Effort(
    string Name, int Rounds, double WarmCpuSeconds, double Seconds, double SystemCallSeconds, double SettleSeconds, bool CountsAllSystemCalls)
{
    /// <summary>Enough to print a figure.</summary>
    public static Effort Full { get; } = new(
        "full", Rounds: 5, WarmCpuSeconds: 2, Seconds: 1.5, SystemCallSeconds: 0.5, SettleSeconds: 2, CountsAllSystemCalls: true);

    /// <summary>Enough to see whether something is very wrong.</summary>
    public static Effort Quick { get; } = new(
        "quick", Rounds: 1, WarmCpuSeconds: 0.5, Seconds: 0.5, SystemCallSeconds: 0.2, SettleSeconds: 0.5, CountsAllSystemCalls: false);
}
