using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>How often one client may be heard, and how often it may be refused before it is shown the door.</summary>
internal sealed class MessageRate(TimeProvider time)
{
    private readonly SlidingWindow _messages = new(time, ChatRules.MaxMessagesPerWindow, ChatRules.RateWindow);
    private readonly SlidingWindow _refusals = new(time, ChatRules.MaxRefusalsPerWindow, ChatRules.RateWindow);

    /// <summary>Whether one more message is within the rate. One that is not does not count: who slows down is heard again.</summary>
    public bool TryAccept() => _messages.TryTake();

    /// <summary>Whether one more refusal, for whatever reason, is worth telling; false: the client goes on regardless, close it.</summary>
    public bool TryRefuse() => _refusals.TryTake();
}
