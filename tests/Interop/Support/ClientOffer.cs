namespace RawSocketChat.Interop.Tests.Support;

/// <summary>What a client offers of permessage-deflate (RFC 7692 §7.1).</summary>
/// <param name="Deflate">Whether it offers it at all.</param>
/// <param name="ServerNoContextTakeover">Whether it asks the server not to refer to earlier messages.</param>
/// <param name="ClientNoContextTakeover">Whether it tells that it will not.</param>
/// <param name="ServerMaxWindowBits">The window that it asks the server for; null where it does not ask.</param>
/// <param name="ClientMaxWindowBits">Its own window; 0 for the parameter without a value, null without the parameter.</param>
public sealed record ClientOffer(
    bool Deflate = true,
    bool ServerNoContextTakeover = false,
    bool ClientNoContextTakeover = false,
    int? ServerMaxWindowBits = null,
    int? ClientMaxWindowBits = null)
{
    /// <summary>No compression.</summary>
    public static ClientOffer None { get; } = new(Deflate: false);
}
