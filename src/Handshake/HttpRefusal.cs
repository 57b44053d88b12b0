namespace RawSocketChat.Handshake;

/// <summary>Why a request is refused, as a value.</summary>
/// <param name="StatusCode">The HTTP status code, 400 to 599.</param>
/// <param name="Reason">One line of text for the answer's body.</param>
/// <param name="Header">A header field that the status asks for, such as <c>Allow</c> with 405; null for none.</param>
public readonly record struct HttpRefusal(int StatusCode, string Reason, KeyValuePair<string, string>? Header = null);
