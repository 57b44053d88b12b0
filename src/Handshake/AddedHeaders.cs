namespace RawSocketChat.Handshake;

/// <summary>What a caller may add to a head: nothing that splits it in two, and nothing that the writer itself says.</summary>
internal static class AddedHeaders
{
    private static readonly string[] OfResponse =
    [
        "Connection", "Content-Length", "Content-Type", "Transfer-Encoding", "Upgrade",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol",
    ];

    private static readonly string[] OfRequest =
    [
        "Connection", "Content-Length", "Host", "Origin", "Transfer-Encoding", "Upgrade",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version",
    ];

    public static void ValidateInRequest(IEnumerable<KeyValuePair<string, string>> headers, string parameterName)
    {
        foreach ((string name, string value) in headers)
        {
            Validate(name, value, OfRequest, parameterName);
        }
    }

    public static void ValidateInResponse(IEnumerable<KeyValuePair<string, string>> headers, string parameterName)
    {
        foreach ((string name, string value) in headers)
        {
            ValidateInResponse(name, value, parameterName);
        }
    }

    public static void ValidateInResponse(string? name, string? value, string parameterName) =>
        Validate(name, value, OfResponse, parameterName);

    // RFC 9110 §5.5: CR, LF and NUL in a value are dangerous; what is sent here is printable ASCII, SP and HTAB.
    private static void Validate(string? name, string? value, string[] reserved, string parameterName)
    {
        if (!HttpSyntax.IsToken(name))
        {
            throw new ArgumentException("The name of a header field must be a token (RFC 9110 §5.6.2).", parameterName);
        }

        if (reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The header field {name} is written by the library itself.", parameterName);
        }

        if (value is null || !HttpSyntax.IsSendableFieldValue(value))
        {
            throw new ArgumentException($"The value of the header field {name} must be printable ASCII, without CR or LF.", parameterName);
        }
    }
}
