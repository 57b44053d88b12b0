namespace RawSocketChat.Handshake;

/// <summary>A parameter of an extension (RFC 6455 §9.1).</summary>
/// <param name="Name">A token, in the case sent.</param>
/// <param name="Value">
/// A token, its quotes removed where it had any; null where the parameter has no value, and empty where what was sent as one is no token: then
/// the offer cannot be accepted.
/// </param>
public readonly record struct ExtensionParameter(string Name, string? Value)
{
    /// <summary>Whether the value was a quoted string.</summary>
    public bool IsQuoted { get; init; }
}
