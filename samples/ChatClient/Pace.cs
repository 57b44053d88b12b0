using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>Holds back what the server would refuse as too much: a script's lines come faster than a person's.</summary>
internal sealed class Pace(TimeProvider clock)
{
    // The server counts by its own clock, at the time of arrival: a margin of a second and of two messages, one of which is the name.
    private static readonly TimeSpan Window = ChatRules.RateWindow + TimeSpan.FromSeconds(1);
    private const int MaxInWindow = ChatRules.MaxMessagesPerWindow - 2;

    private readonly Queue<long> _sent = new(MaxInWindow);

    /// <summary>Done when one more message may go.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_sent.Count == MaxInWindow && Window - clock.GetElapsedTime(_sent.Dequeue()) is var rest && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, clock, cancellationToken);
        }

        _sent.Enqueue(clock.GetTimestamp());
    }
}
