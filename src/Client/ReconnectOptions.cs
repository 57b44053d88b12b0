namespace RawSocketChat;

/// <summary>
/// How a <see cref="ReconnectingWebSocketClient"/> comes back. Checked once, by its constructor. Every default is explained in
/// <c>docs/defaults.md</c>.
/// </summary>
public sealed class ReconnectOptions
{
    /// <summary>
    /// The bound on the first delay; it doubles with each attempt in a row, up to <see cref="MaxDelay"/>. The delay itself is drawn evenly
    /// between zero and its bound ("full jitter"), so that clients that lost their server together do not come back together. Greater than
    /// zero; default 1 s.
    /// </summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The highest bound on a delay. At least <see cref="BaseDelay"/>; default 30 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a connection must have been open for the delays to begin anew: a server that accepts and then cuts is not asked faster than
    /// one that refuses. Greater than zero; default 30 s.
    /// </summary>
    public TimeSpan HealthyAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many attempts in a row without a healthy connection there is no other. At least 1; default no bound.</summary>
    public int MaxAttempts { get; init; } = int.MaxValue;

    /// <summary>
    /// How many messages may wait while there is no connection; one more is refused with a <see cref="NotConnectedException"/>. Each send is
    /// done when its message has been handed to a connection, and fails where it could not be. 0 to 1,048,576; default 0, none waits.
    /// </summary>
    public int MaxQueuedMessages { get; init; }

    /// <summary>
    /// Whether there is another attempt after that cause. Default: after each that is not <see cref="ReconnectCause.IsFinal"/>. It is not
    /// asked after the client itself was closed.
    /// </summary>
    public Func<ReconnectCause, bool> ShouldReconnect { get; init; } = static cause => !cause.IsFinal;

    /// <summary>
    /// Asked before each attempt, of that number, for where it goes: for a token that is new each time. What it throws counts as a failed
    /// attempt. Default: null, always to the URI and with the options that the client was made with.
    /// </summary>
    public Func<int, CancellationToken, ValueTask<ReconnectTarget>>? GetTarget { get; init; }

    /// <summary>
    /// Told of each new state, one at a time and in order, and waited for before the next step. While it is told of
    /// <see cref="ReconnectState.Open"/> nobody else uses the connection yet: a login or a subscription can go first, and its answer be
    /// received: by <see cref="ReconnectStatus.Connection"/>, for what the client itself sends would wait for this. What it throws is logged.
    /// The token is cancelled when the client is closed; it is waited for no longer then, and may still run when the end is told. Default: null.
    /// </summary>
    public Func<ReconnectStatus, CancellationToken, ValueTask>? OnStateChanged { get; init; }

    /// <summary>Where the delays are drawn from; used by one thread at a time. Default: the shared one.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds; the message names it, its value and the bound.</exception>
    public void Validate()
    {
        OptionCheck.Positive(BaseDelay, nameof(BaseDelay));
        OptionCheck.Positive(MaxDelay, nameof(MaxDelay));
        OptionCheck.Positive(HealthyAfter, nameof(HealthyAfter));
        OptionCheck.Range(MaxAttempts, 1, int.MaxValue, nameof(MaxAttempts));
        OptionCheck.Range(MaxQueuedMessages, 0, 1024 * 1024, nameof(MaxQueuedMessages));
        OptionCheck.NotNull(ShouldReconnect, nameof(ShouldReconnect));
        OptionCheck.NotNull(Random, nameof(Random));
        if (MaxDelay < BaseDelay)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDelay), MaxDelay, $"{nameof(MaxDelay)} must be at least {nameof(BaseDelay)}, {BaseDelay}.");
        }
    }
}
