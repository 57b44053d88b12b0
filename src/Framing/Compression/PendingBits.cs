namespace RawSocketChat.Framing;

/// <summary>Bits that were to be written and do not fill a byte yet.</summary>
/// <param name="Bits">The bits; those beyond <paramref name="Count"/> are 0.</param>
/// <param name="Count">0 to 7.</param>
internal readonly record struct PendingBits(uint Bits, int Count);
