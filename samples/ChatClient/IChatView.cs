using RawSocketChat;

namespace ChatClient;

/// <summary>Where a chat is shown. Events come one at a time, and states do; one of each may come at the same time.</summary>
internal interface IChatView
{
    /// <summary>Shows an event; done when there is room for the next, so that a server that floods is read no faster than it is shown.</summary>
    ValueTask ShowAsync(ChatEvent told);

    /// <summary>Shows a state.</summary>
    ValueTask ShowStateAsync(ReconnectStatus status);
}
