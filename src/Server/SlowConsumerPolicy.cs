namespace RawSocketChat;

/// <summary>What a broadcast does with a member whose outgoing buffer is full. It never waits for it.</summary>
public enum SlowConsumerPolicy
{
    /// <summary>The member is closed with status 1008; what waits in its buffer is discarded.</summary>
    Close,

    /// <summary>The member does not get this message.</summary>
    DropNewest,

    /// <summary>The oldest broadcast messages that wait in the member's buffer make room.</summary>
    DropOldest,
}
