using System.Net.WebSockets;
using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>What becomes of one connection's messages. They arrive one after the other, so this is not for concurrent use.</summary>
internal sealed class ChatSession(ChatRoom room, ChatMember member, TimeProvider time)
{
    private readonly MessageRate _rate = new(time);

    /// <returns>False when the client goes on after many refusals: close its connection with 1008.</returns>
    public bool Receive(ReadOnlySpan<byte> payload, WebSocketMessageType type)
    {
        // First the rate: what comes too fast is not worth parsing.
        if (!_rate.TryAccept())
        {
            return Refuse($"Too fast: at most {ChatRules.MaxMessagesPerWindow} messages in {ChatRules.RateWindow.TotalSeconds:0} seconds.");
        }

        if (type != WebSocketMessageType.Text)
        {
            return Refuse("Not understood: this chat speaks JSON in text messages, not binary ones.");
        }

        var message = ChatMessageParser.Parse(payload);
        if (message.Problem is { } problem)
        {
            return Refuse(problem);
        }

        room.Say(member, message.Name, message.Text);
        return true;
    }

    private bool Refuse(string problem)
    {
        if (!_rate.TryRefuse())
        {
            return false;
        }

        room.TellError(member, problem);
        return true;
    }
}
