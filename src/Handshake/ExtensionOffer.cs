using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>An extension that a client offers (RFC 6455 §9.1).</summary>
/// <param name="Name">The extension's name, a token.</param>
/// <param name="Parameters">Its parameters in their order, duplicates included.</param>
public sealed record ExtensionOffer(string Name, IReadOnlyList<ExtensionParameter> Parameters)
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(" \t,;=\"");

    /// <summary>Parses the value of <c>Sec-WebSocket-Extensions</c>, of several lines joined by commas.</summary>
    /// <param name="value">The value.</param>
    /// <param name="offers">The offers in their order; null where the value is malformed.</param>
    /// <returns>False where it is malformed (RFC 6455 §9.1: the connection is to be failed then).</returns>
    public static bool TryParse(string value, out IReadOnlyList<ExtensionOffer>? offers)
    {
        ArgumentNullException.ThrowIfNull(value);
        offers = null;
        var found = new List<ExtensionOffer>();
        var rest = value.AsSpan();
        do
        {
            if (!TryTakeOffer(ref rest, out var offer))
            {
                return false;
            }

            found.Add(offer!);
        }
        while (TryTake(ref rest, ','));

        if (!rest.IsEmpty)
        {
            return false;
        }

        offers = found;
        return true;
    }

    // extension = extension-token *( ";" extension-param )
    private static bool TryTakeOffer(ref ReadOnlySpan<char> rest, out ExtensionOffer? offer)
    {
        offer = null;
        if (!TryTakeToken(ref rest, out var name))
        {
            return false;
        }

        List<ExtensionParameter>? parameters = null;
        while (TryTake(ref rest, ';'))
        {
            if (!TryTakeToken(ref rest, out var parameter))
            {
                return false;
            }

            string? argument = null;
            if (TryTake(ref rest, '=') && !TryTakeTokenOrQuoted(ref rest, out argument))
            {
                return false;
            }

            (parameters ??= []).Add(new(parameter, argument));
        }

        offer = new(name, parameters ?? (IReadOnlyList<ExtensionParameter>)[]);
        return true;
    }

    private static bool TryTakeTokenOrQuoted(ref ReadOnlySpan<char> rest, out string? value)
    {
        rest = rest.TrimStart(" \t");
        if (rest.IsEmpty || rest[0] != '"')
        {
            var isToken = TryTakeToken(ref rest, out var token);
            value = token;
            return isToken;
        }

        // RFC 6455 §9.1: "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the
        // 'token' ABNF."
        var unescaped = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = unescaped.ToString();
                rest = rest[(i + 1)..].TrimStart(" \t");
                return HttpGrammar.IsToken(value);
            }

            i += rest[i] == '\\' ? 1 : 0;
            if (i < rest.Length)
            {
                unescaped.Append(rest[i]);
            }
        }

        value = null;
        return false;
    }

    private static bool TryTakeToken(ref ReadOnlySpan<char> rest, out string token)
    {
        rest = rest.TrimStart(" \t");
        var end = rest.IndexOfAny(Delimiters);
        var found = end < 0 ? rest : rest[..end];
        rest = rest[found.Length..].TrimStart(" \t");
        token = found.ToString();
        return HttpGrammar.IsToken(found);
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, char delimiter)
    {
        if (rest.IsEmpty || rest[0] != delimiter)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }
}
