namespace RawSocketChat.Benchmarks.Tests;

/// <summary>How many times a benchmark's rate is its peer's.</summary>
/// <param name="To">The peer: another benchmark of the class.</param>
/// <param name="Bytes">The parameter at which they are compared.</param>
/// <param name="Claim">What the documents say, measured by a whole run on a quiet machine.</param>
/// <param name="Floor">Below this something is broken, however busy the machine is.</param>
internal sealed record RatioBudget(string To, int Bytes, double Claim, double Floor);
