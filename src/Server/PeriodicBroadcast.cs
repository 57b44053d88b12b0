namespace RawSocketChat;

/// <summary>A server's periodic message: one loop for the server, whoever comes and goes.</summary>
public sealed class PeriodicBroadcast
{
    /// <summary>How long it is from one message to the next, at least. Greater than zero; default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much longer it may be: a new random share of it is added each time. Zero or greater; default zero.</summary>
    public TimeSpan MaxJitter { get; init; } = TimeSpan.Zero;

    /// <summary>Where the random share comes from: at least 0, less than 1. Default: <see cref="Random.Shared"/>.</summary>
    public Func<double> NextJitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>
    /// What is done when it is time, usually <see cref="WebSocketServer.Broadcast(PreparedMessage, WebSocketConnection?)"/>. An exception is
    /// logged and the loop goes on.
    /// </summary>
    public required Action<WebSocketServer> OnDue { get; init; }

    internal void Validate()
    {
        OptionCheck.Positive(Interval, $"{nameof(PeriodicBroadcast)}.{nameof(Interval)}");
        if (MaxJitter != TimeSpan.Zero)
        {
            OptionCheck.Positive(MaxJitter, $"{nameof(PeriodicBroadcast)}.{nameof(MaxJitter)}");
            OptionCheck.Positive(
                Interval + MaxJitter, $"{nameof(PeriodicBroadcast)}.{nameof(Interval)} + {nameof(PeriodicBroadcast)}.{nameof(MaxJitter)}");
        }

        OptionCheck.NotNull(NextJitter, $"{nameof(PeriodicBroadcast)}.{nameof(NextJitter)}");
        OptionCheck.NotNull(OnDue, $"{nameof(PeriodicBroadcast)}.{nameof(OnDue)}");
    }
}
