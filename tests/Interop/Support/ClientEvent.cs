namespace RawSocketChat.Interop.Tests.Support;

/// <summary>What happened at a client: <c>open</c>, <c>message</c>, <c>ping</c>, <c>pong</c> or <c>close</c>.</summary>
/// <param name="Event">Its name.</param>
/// <param name="Client">Which of the plan's connections.</param>
/// <param name="Protocol">The subprotocol agreed upon.</param>
/// <param name="Type">text or binary.</param>
/// <param name="Length">The payload's length in bytes.</param>
/// <param name="Sha256">The payload's digest in lower-case hexadecimal.</param>
/// <param name="Text">The text of a short message or of a pong.</param>
/// <param name="Code">The close code received.</param>
/// <param name="Reason">The close reason received.</param>
/// <param name="Extensions">The server's answer about extensions; null for none.</param>
public sealed record ClientEvent(
    string Event,
    int Client,
    string? Protocol = null,
    string? Type = null,
    int? Length = null,
    string? Sha256 = null,
    string? Text = null,
    int? Code = null,
    string? Reason = null,
    string? Extensions = null);
