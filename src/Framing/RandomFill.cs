namespace RawSocketChat.Framing;

/// <summary>Fills bytes with random ones: the source of randomness as an argument.</summary>
/// <param name="destination">What to fill, all of it.</param>
public delegate void RandomFill(Span<byte> destination);
