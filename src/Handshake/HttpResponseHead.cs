namespace RawSocketChat.Handshake;

/// <summary>An immutable response head (RFC 9112 §4, §5), as <see cref="ResponseParser"/> has read it. Any threads may use it.</summary>
/// <remarks>
/// It keeps the status and the bytes of the fields, in one array, and nothing of the reason phrase (RFC 9112 §4: "A client SHOULD ignore
/// the reason-phrase content"). Strings are made anew by each call that asks for one; bytes beyond ASCII become the Latin-1 characters of the
/// same number.
/// </remarks>
public sealed class HttpResponseHead
{
    internal HttpResponseHead(int statusCode, HeaderFields fields)
    {
        StatusCode = statusCode;
        Fields = fields;
    }

    /// <summary>The status: 100 to 999, 101 where the server opens the connection.</summary>
    public int StatusCode { get; }

    /// <summary>
    /// Whether another head follows it: one of the 1xx but 101 (RFC 9110 §15.2). It has no content, and the next head begins right behind it.
    /// </summary>
    public bool IsInterim => StatusCode is < 200 and not 101;

    /// <summary>The number of header fields, repeated names counted each time.</summary>
    public int HeaderCount => Fields.Count;

    /// <summary>The header fields in the order sent, names in the case sent, values without surrounding white space.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers => Fields.All;

    internal HeaderFields Fields { get; }

    /// <summary>The value of a header field, or null when it is absent.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <returns>The value without surrounding white space; several fields of the name are joined by ", " (RFC 9110 §5.3).</returns>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fields.Joined(name);
    }

    /// <summary>The values of all fields of a name, such as of Set-Cookie, which cannot be joined (RFC 6265 §3).</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <returns>The values in the order sent, without surrounding white space; empty when there is none.</returns>
    public IReadOnlyList<string> HeaderValues(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fields.Values(name);
    }

    /// <summary>The value of a header field that may occur only once.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="value">The value without surrounding white space; null when the field is absent or occurs more than once.</param>
    /// <returns>False when the field occurs more than once, else true.</returns>
    public bool TryGetSingleHeader(string name, out string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fields.TryGetSingle(name, out value);
    }

    /// <summary>Whether a comma-separated list (RFC 9110 §5.6.1), over all fields of the name, holds a token.</summary>
    /// <param name="headerName">The field's name, in any case.</param>
    /// <param name="token">The token, compared without regard to ASCII case.</param>
    public bool HasToken(string headerName, string token)
    {
        ArgumentNullException.ThrowIfNull(headerName);
        ArgumentException.ThrowIfNullOrEmpty(token);
        return Fields.HasToken(headerName, token);
    }
}
