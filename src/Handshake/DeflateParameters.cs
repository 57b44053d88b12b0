namespace RawSocketChat.Handshake;

/// <summary>What both ends have agreed on about permessage-deflate (RFC 7692 §7.1).</summary>
/// <param name="ServerNoContextTakeover">The server's messages do not refer to earlier ones (§7.1.1.1).</param>
/// <param name="ClientNoContextTakeover">The client's messages do not refer to earlier ones (§7.1.1.2).</param>
/// <param name="ServerMaxWindowBits">The server's messages refer to 2 to the power of so many bytes back at most: 8 to 15 (§7.1.2.1).</param>
/// <param name="ClientMaxWindowBits">The same of the client's messages: 8 to 15 (§7.1.2.2).</param>
public readonly record struct DeflateParameters(
    bool ServerNoContextTakeover, bool ClientNoContextTakeover, int ServerMaxWindowBits, int ClientMaxWindowBits);
