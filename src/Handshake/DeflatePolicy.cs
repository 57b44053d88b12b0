namespace RawSocketChat.Handshake;

/// <summary>What an end allows of permessage-deflate (RFC 7692 §7.1). Immutable; one instance serves any number of connections.</summary>
public sealed class DeflatePolicy
{
    /// <summary>The most that a window can have, in bits.</summary>
    public const int MostWindowBits = 15;

    /// <summary>The least that a window can have, in bits (RFC 7692 §7.1.2.1).</summary>
    public const int LeastWindowBits = 8;

    /// <summary>Whether the server's messages may refer to earlier ones; they may unless set.</summary>
    public bool ServerContextTakeover { get; init; } = true;

    /// <summary>Whether the client's messages may refer to earlier ones; they may unless set.</summary>
    public bool ClientContextTakeover { get; init; } = true;

    /// <summary>The largest window of the server's messages in bits: 8 to 15; 15 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ServerMaxWindowBits
    {
        get;
        init => field = Within(value, nameof(ServerMaxWindowBits));
    } = MostWindowBits;

    /// <summary>
    /// The largest window of the client's messages in bits: 8 to 15; 15 unless set. A client that has not offered <c>client_max_window_bits</c>
    /// cannot be told of it; it is told not to refer to earlier messages instead (<c>client_no_context_takeover</c>), so that what this bounds,
    /// the memory between messages, is none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ClientMaxWindowBits
    {
        get;
        init => field = Within(value, nameof(ClientMaxWindowBits));
    } = MostWindowBits;

    private static int Within(int value, string name) =>
        value is >= LeastWindowBits and <= MostWindowBits
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {LeastWindowBits} to {MostWindowBits}.");
}
