namespace RawSocketChat;

/// <summary>Checks of single options, for option classes: each exception names the option, its value and the bound.</summary>
public static class OptionCheck
{
    // What timers can hold: about 49 days.
    private static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Checks that a number lies within bounds.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="lowest">The lowest value allowed.</param>
    /// <param name="highest">The highest value allowed.</param>
    /// <param name="option">The option's name.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
    public static void Range(int value, int lowest, int highest, string option)
    {
        if (value < lowest || value > highest)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be from {lowest} to {highest}.");
        }
    }

    /// <summary>Checks that a time is greater than zero and that a timer can hold it.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="option">The option's name.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Positive(TimeSpan value, string option)
    {
        if (value <= TimeSpan.Zero || value > LongestTime)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be greater than zero and at most {LongestTime}.");
        }
    }

    /// <summary>Checks that a time is greater than zero, or infinite for never.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="option">The option's name.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is neither.</exception>
    public static void PositiveOrInfinite(TimeSpan value, string option)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            Positive(value, option);
        }
    }

    /// <summary>Checks that an option is set.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="option">The option's name.</param>
    /// <exception cref="ArgumentException">It is null.</exception>
    public static void NotNull(object? value, string option)
    {
        if (value is null)
        {
            throw new ArgumentException($"{option} must not be null.", option);
        }
    }
}
