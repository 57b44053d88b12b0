using System.Buffers;
using System.Net;
using System.Text;

namespace RawSocketChat.Opening;

/// <summary>What a caller may add to the request: nothing that splits it in two, and nothing that the handshake itself says.</summary>
internal static class RequestFields
{
    private const string TokenChars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Token = SearchValues.Create(TokenChars);

    private static readonly string[] Reserved =
    [
        "Connection", "Content-Length", "Cookie", "Host", "Origin", "Transfer-Encoding", "Upgrade",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version",
    ];

    /// <summary>Checks further fields.</summary>
    /// <exception cref="ArgumentException">One of them cannot be sent.</exception>
    public static void Check(IEnumerable<KeyValuePair<string, string>> headers, string option)
    {
        foreach (var (name, value) in headers)
        {
            if (!IsToken(name))
            {
                throw new ArgumentException($"{option}: the name of a header field must be a token (RFC 9110 §5.6.2), not \"{name}\".", option);
            }

            if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"{option}: the field {name} is written by the client itself; it has an option where it can be set.", option);
            }

            CheckValue(value, option);
        }
    }

    /// <summary>Checks a single value.</summary>
    /// <exception cref="ArgumentException">It cannot be sent.</exception>
    public static void CheckValue(string? value, string option)
    {
        // RFC 9110 §5.5: CR, LF and NUL in a value are dangerous; what is sent here is printable ASCII, SP and HTAB.
        if (value is null || value.Any(character => character is not ('\t' or (>= ' ' and <= '~'))))
        {
            throw new ArgumentException($"{option}: a value must be printable ASCII, without CR or LF.", option);
        }
    }

    /// <summary>Checks the subprotocols.</summary>
    /// <exception cref="ArgumentException">One is not a token, or is there twice.</exception>
    public static void CheckSubProtocols(IReadOnlyList<string> subProtocols, string option)
    {
        // RFC 6455 §4.1: "The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E
        // not including separator characters as defined in [RFC2616] and MUST all be unique strings."
        if (subProtocols.FirstOrDefault(each => !IsToken(each)) is { } wrong)
        {
            throw new ArgumentException($"{option}: \"{wrong}\" is not a token (RFC 9110 §5.6.2).", option);
        }

        if (subProtocols.Distinct(StringComparer.Ordinal).Count() != subProtocols.Count)
        {
            throw new ArgumentException($"{option}: one of them occurs twice.", option);
        }
    }

    /// <summary>The value for Authorization and Proxy-Authorization (RFC 7617 §2).</summary>
    public static string Basic(NetworkCredential credentials) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));

    private static bool IsToken(string? text) => !string.IsNullOrEmpty(text) && !text.AsSpan().ContainsAnyExcept(Token);
}
