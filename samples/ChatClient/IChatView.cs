using RawSocketChat;

namespace ChatClient;

/// <summary>Where a chat is shown. Called by any thread, one call at a time.</summary>
internal interface IChatView
{
    void Show(ChatEvent told);

    void ShowState(ReconnectStatus status);
}
