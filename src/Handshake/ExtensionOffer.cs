namespace RawSocketChat.Handshake;

/// <summary>An extension that a client offers to use, or one that a server's answer names (RFC 6455 §9.1).</summary>
/// <param name="Name">A token, in the case sent.</param>
/// <param name="Parameters">
/// In the order sent. Whether they are known, repeated or in range is for the extension to judge; the grammar is checked.
/// </param>
public sealed record ExtensionOffer(string Name, IReadOnlyList<ExtensionParameter> Parameters);
