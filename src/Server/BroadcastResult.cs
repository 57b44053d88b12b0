namespace RawSocketChat;

/// <summary>What became of one broadcast, counted exactly.</summary>
/// <param name="Accepted">How many members' outgoing buffers took the message.</param>
/// <param name="Dropped">How many messages were dropped: this one, or older ones to make room for it, as the policy says.</param>
/// <param name="Closed">How many members were closed because they were too slow.</param>
public readonly record struct BroadcastResult(int Accepted, int Dropped, int Closed);
