namespace RawSocketChat.Handshake;

/// <summary>Why a request is refused, as the peer is told: a status, one line of text, and at most one extra header field.</summary>
/// <param name="StatusCode">The HTTP status, 300 to 599 (RFC 6455 §4.2.2 allows a redirect as well).</param>
/// <param name="Reason">One line for the response's body, without line end. The library's reasons never repeat what a peer sent.</param>
/// <param name="HeaderName">The name of a header field that the status asks for, such as Allow or Retry-After; null for none.</param>
/// <param name="HeaderValue">That field's value: printable ASCII; null exactly when <paramref name="HeaderName"/> is.</param>
public readonly record struct HttpRefusal(int StatusCode, string Reason, string? HeaderName = null, string? HeaderValue = null)
{
    // RFC 6455 §4.2.1: "return an HTTP response with an appropriate error code (such as 400 Bad Request)."
    internal static HttpRefusal BadRequest(string reason) => new(400, reason);

    // RFC 6455 §4.2.2: "and a |Sec-WebSocket-Version| header field indicating the version(s) the server is capable of understanding."
    internal static HttpRefusal UpgradeRequired(string reason) => new(426, reason, "Sec-WebSocket-Version", "13");
}
