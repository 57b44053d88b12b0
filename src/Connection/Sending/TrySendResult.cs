namespace RawSocketChat;

/// <summary>What became of a message that was offered to a connection without waiting.</summary>
public enum TrySendResult
{
    /// <summary>It is in the outgoing buffer.</summary>
    Accepted,

    /// <summary>The outgoing buffer has no room for it.</summary>
    Full,

    /// <summary>The connection is closing or closed.</summary>
    Closed,
}
