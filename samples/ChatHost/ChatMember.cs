using RawSocketChat;

namespace ChatHost;

/// <summary>Somebody in the room. Only the room reads and changes the nickname, under its lock.</summary>
/// <param name="id">Given once by the room.</param>
/// <param name="name">The nickname to begin with.</param>
/// <param name="send">
/// Where this member's messages go. Called under the room's lock, so it must not wait: it queues the message or drops it.
/// </param>
internal sealed class ChatMember(long id, string name, Action<PreparedMessage> send)
{
    public long Id { get; } = id;

    public string Name { get; set; } = name;

    public MemberInfo Info => new(Id, Name);

    public void Send(PreparedMessage message) => send(message);
}
