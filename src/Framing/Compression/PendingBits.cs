namespace RawSocketChat.Framing;

/// <summary>Bits that were to be written and have not come to the end of their word yet.</summary>
/// <param name="Bits">The bits; those beyond <paramref name="Count"/> are 0.</param>
/// <param name="Count">0 to 31.</param>
internal readonly record struct PendingBits(uint Bits, int Count);
