namespace RawSocketChat.Load.Servers;

/// <summary>What a server tells about its own memory and code.</summary>
/// <param name="AllocatedBytes">All that it has ever allocated on the managed heap; null where the runtime does not count that.</param>
/// <param name="HeapBytes">What is on the heap.</param>
/// <param name="CompiledMethods">How many methods the runtime has compiled; null where it does not count that.</param>
internal sealed record ServerStats(long? AllocatedBytes, long HeapBytes, long? CompiledMethods);
