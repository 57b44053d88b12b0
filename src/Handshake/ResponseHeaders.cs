namespace RawSocketChat.Handshake;

/// <summary>What a caller may add to a response: nothing that splits it in two, and nothing that the writer itself says.</summary>
internal static class ResponseHeaders
{
    private static readonly string[] Reserved =
    [
        "Connection", "Content-Length", "Content-Type", "Transfer-Encoding", "Upgrade",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol",
    ];

    public static void Validate(IEnumerable<KeyValuePair<string, string>> headers, string parameterName)
    {
        foreach ((string name, string value) in headers)
        {
            Validate(name, value, parameterName);
        }
    }

    // RFC 9110 §5.5: CR, LF and NUL in a value are dangerous; what is sent here is printable ASCII, SP and HTAB.
    public static void Validate(string? name, string? value, string parameterName)
    {
        if (!HttpSyntax.IsToken(name))
        {
            throw new ArgumentException("The name of a header field must be a token (RFC 9110 §5.6.2).", parameterName);
        }

        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The header field {name} is written by the library itself.", parameterName);
        }

        if (value is null || !HttpSyntax.IsSendableFieldValue(value))
        {
            throw new ArgumentException($"The value of the header field {name} must be printable ASCII, without CR or LF.", parameterName);
        }
    }
}
