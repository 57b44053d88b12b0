namespace RawSocketChat.Handshake;

/// <summary>The outcome of an opening handshake: accepted, or refused.</summary>
/// <param name="Refusal">Why it is refused; null where it is accepted.</param>
/// <param name="Accept">The value of <c>Sec-WebSocket-Accept</c>; null where it is refused.</param>
/// <param name="SubProtocol">The subprotocol agreed on, or null.</param>
/// <param name="Offers">The extensions offered, in their order. None is agreed on here.</param>
public readonly record struct UpgradeResult(
    HttpRefusal? Refusal, string? Accept, string? SubProtocol, IReadOnlyList<ExtensionOffer> Offers)
{
    internal static UpgradeResult Refused(int status, string reason, KeyValuePair<string, string>? header = null) =>
        new(new HttpRefusal(status, reason, header), null, null, []);
}
