namespace RawSocketChat.Reconnecting;

/// <summary>Exponential backoff with full jitter: how long to wait after so many failures in a row.</summary>
internal static class Backoff
{
    /// <summary>Draws a delay.</summary>
    /// <param name="options">Base, cap and randomness.</param>
    /// <param name="failures">How many in a row; at least 1.</param>
    public static TimeSpan Next(ReconnectOptions options, int failures)
    {
        // In floating point, which overflows to infinity and so to the cap.
        var bound = Math.Min(options.MaxDelay.Ticks, options.BaseDelay.Ticks * Math.Pow(2, failures - 1));
        return TimeSpan.FromTicks((long)(options.Random.NextDouble() * bound));
    }
}
