namespace RawSocketChat.Opening;

/// <summary>The head of an HTTP answer (RFC 9112 §4, §5).</summary>
/// <param name="StatusCode">100 to 999.</param>
/// <param name="Headers">The fields in the order received, values without surrounding white space, as Latin-1.</param>
internal sealed record ResponseHead(int StatusCode, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The values of all fields of a name, in any case, in the order received.</summary>
    public string[] All(string name) =>
        [.. Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    /// <summary>The value of the one field of a name; null where there is none, or more than one.</summary>
    public string? Single(string name) => All(name) is [var only] ? only : null;

    /// <summary>Whether a list (RFC 9110 §5.6.1), over all fields of the name, holds a token, in any case.</summary>
    public bool HasToken(string name, string token) =>
        All(name).SelectMany(value => value.Split(',')).Any(element => element.Trim(' ', '\t').Equals(token, StringComparison.OrdinalIgnoreCase));
}
