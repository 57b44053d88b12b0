namespace RawSocketChat.Load.Servers;

/// <summary>What a server tells about its own memory.</summary>
/// <param name="AllocatedBytes">All that it has ever allocated on the managed heap; null where the runtime does not count that.</param>
/// <param name="HeapBytes">What is on the heap.</param>
internal sealed record ServerStats(long? AllocatedBytes, long HeapBytes);
