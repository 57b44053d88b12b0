namespace RawSocketChat.Handshake;

/// <summary>What client and server have agreed on (RFC 6455 §4.1).</summary>
/// <param name="SubProtocol">_Subprotocol In Use_: one that was offered; null where the server has chosen none.</param>
/// <param name="Deflate">_Extensions In Use_: permessage-deflate as it is to be used; null where no extension is.</param>
public readonly record struct UpgradeAgreement(string? SubProtocol, DeflateParameters? Deflate);
