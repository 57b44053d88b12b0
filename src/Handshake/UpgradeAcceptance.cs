namespace RawSocketChat.Handshake;

/// <summary>What a sound opening handshake comes to (RFC 6455 §4.2.2).</summary>
/// <param name="Accept">The Sec-WebSocket-Accept value: 28 characters of ASCII.</param>
/// <param name="SubProtocol">The server's favourite among the subprotocols offered, or null when none is shared.</param>
/// <param name="ExtensionOffers">All extensions offered, in the client's order, known or not; being here, none is accepted yet.</param>
public readonly record struct UpgradeAcceptance(string Accept, string? SubProtocol, IReadOnlyList<ExtensionOffer> ExtensionOffers);
