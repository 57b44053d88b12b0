namespace RawSocketChat.Handshake;

/// <summary>A parameter of an extension offer (RFC 6455 §9.1).</summary>
/// <param name="Name">The name, a token.</param>
/// <param name="Value">The value, a token, without the quotes that it may have been sent in; null where there is none.</param>
public readonly record struct ExtensionParameter(string Name, string? Value);
