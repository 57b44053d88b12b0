using System.Globalization;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The negotiation of permessage-deflate, of both ends (RFC 7692 §5, §7.1). It does no I/O and remembers nothing.</summary>
public static class DeflateNegotiator
{
    private const string ExtensionName = "permessage-deflate";
    private const string ServerNoContextTakeover = "server_no_context_takeover";
    private const string ClientNoContextTakeover = "client_no_context_takeover";
    private const string ServerMaxWindowBits = "server_max_window_bits";
    private const string ClientMaxWindowBits = "client_max_window_bits";

    /// <summary>The server's choice: the first offer that it can accept (RFC 7692 §5.1).</summary>
    /// <param name="offers">What the client offers, all extensions in its order.</param>
    /// <param name="policy">What the server allows.</param>
    /// <param name="parameters">What is agreed on, where the result is not null.</param>
    /// <returns>The Sec-WebSocket-Extensions value to answer with; null where there is nothing to accept: the connection does without.</returns>
    public static string? Accept(IReadOnlyList<ExtensionOffer> offers, DeflatePolicy policy, out DeflateParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentNullException.ThrowIfNull(policy);
        foreach (ExtensionOffer offer in offers)
        {
            if (Read(offer) is { } told && Choose(told, policy) is var chosen)
            {
                parameters = chosen;
                return Format(
                    parameters.ServerNoContextTakeover,
                    parameters.ClientNoContextTakeover,
                    told.ServerBits is not null || parameters.ServerMaxWindowBits < DeflatePolicy.MostWindowBits ? parameters.ServerMaxWindowBits : null,
                    told.HasClientBits && parameters.ClientMaxWindowBits < DeflatePolicy.MostWindowBits ? parameters.ClientMaxWindowBits : null);
            }
        }

        parameters = default;
        return null;
    }

    /// <summary>The client's offer: the best that it allows, and as a fallback one without parameters that old servers do not know.</summary>
    /// <param name="policy">What the client allows.</param>
    /// <returns>The Sec-WebSocket-Extensions value.</returns>
    public static string Offer(DeflatePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);

        // RFC 7692 §7.1.2.2: with the parameter, "a client informs the peer server of whether the client supports the
        // "client_max_window_bits" extension parameter"; the server may then ask for a smaller window.
        string clientBits = policy.ClientMaxWindowBits == DeflatePolicy.MostWindowBits
            ? $"; {ClientMaxWindowBits}"
            : Bits(ClientMaxWindowBits, policy.ClientMaxWindowBits);
        return Format(
            !policy.ServerContextTakeover,
            !policy.ClientContextTakeover,
            policy.ServerMaxWindowBits < DeflatePolicy.MostWindowBits ? policy.ServerMaxWindowBits : null,
            clientBits: null) + clientBits;
    }

    /// <summary>The client's judgement of the server's answer to <see cref="Offer"/> (RFC 7692 §7.1).</summary>
    /// <param name="answer">The extensions that the answer names, all in its order; empty where it names none.</param>
    /// <param name="policy">What was offered; null where nothing was.</param>
    /// <param name="parameters">What is agreed on; null where the server does without.</param>
    /// <returns>False where the answer is not one to this offer: the connection must be failed (RFC 6455 §4.1, RFC 7692 §5.1).</returns>
    public static bool TryReadAnswer(IReadOnlyList<ExtensionOffer> answer, DeflatePolicy? policy, out DeflateParameters? parameters)
    {
        ArgumentNullException.ThrowIfNull(answer);
        parameters = null;
        if (answer.Count == 0)
        {
            return true;
        }

        if (policy is null || answer.Count > 1 || Read(answer[0]) is not { } told)
        {
            return false;
        }

        // RFC 7692 §7.1.2.1: a server that is asked for a window must answer with one that is no larger. §7.1.1.1: one that is asked not to
        // take its context over must say that it does not. §7.1.2.2: in an answer, the client's window has a value, and here it was offered.
        int serverBits = told.ServerBits ?? DeflatePolicy.MostWindowBits;
        if (serverBits > policy.ServerMaxWindowBits
            || (!policy.ServerContextTakeover && !told.ServerNoContextTakeover)
            || (told.HasClientBits && told.ClientBits is null))
        {
            return false;
        }

        parameters = new DeflateParameters(
            told.ServerNoContextTakeover,
            told.ClientNoContextTakeover || !policy.ClientContextTakeover,
            serverBits,
            Math.Min(told.ClientBits ?? DeflatePolicy.MostWindowBits, policy.ClientMaxWindowBits));
        return true;
    }

    private static DeflateParameters Choose(Told told, DeflatePolicy policy)
    {
        // RFC 7692 §7.1.1.2: "A server may include the "client_no_context_takeover" extension parameter in an extension negotiation response
        // even if the extension negotiation offer being accepted by the extension negotiation response doesn't include it."
        bool isUnbounded = !told.HasClientBits && policy.ClientMaxWindowBits < DeflatePolicy.MostWindowBits;
        return new DeflateParameters(
            told.ServerNoContextTakeover || !policy.ServerContextTakeover,
            told.ClientNoContextTakeover || !policy.ClientContextTakeover || isUnbounded,
            Math.Min(told.ServerBits ?? DeflatePolicy.MostWindowBits, policy.ServerMaxWindowBits),
            told.HasClientBits ? Math.Min(told.ClientBits ?? DeflatePolicy.MostWindowBits, policy.ClientMaxWindowBits) : DeflatePolicy.MostWindowBits);
    }

    // RFC 7692 §7.1: "A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met":
    // a parameter that is not defined for an offer, one with an invalid value, several with the same name, or one that it cannot fulfil; of the
    // last there is none. Null there, and for another extension.
    private static Told? Read(ExtensionOffer offer)
    {
        if (!offer.Name.Equals(ExtensionName, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Told told = default;
        foreach (ExtensionParameter parameter in offer.Parameters)
        {
            switch (parameter.Name)
            {
                case ServerNoContextTakeover when !told.ServerNoContextTakeover && parameter.Value is null:
                    told.ServerNoContextTakeover = true;
                    break;
                case ClientNoContextTakeover when !told.ClientNoContextTakeover && parameter.Value is null:
                    told.ClientNoContextTakeover = true;
                    break;
                case ServerMaxWindowBits when told.ServerBits is null && ReadBits(parameter) is { } bits:
                    told.ServerBits = bits;
                    break;
                case ClientMaxWindowBits when !told.HasClientBits && (parameter.Value is null || ReadBits(parameter) is not null):
                    told.HasClientBits = true;
                    told.ClientBits = ReadBits(parameter);
                    break;
                default:
                    return null;
            }
        }

        return told;
    }

    // RFC 7692 §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive": one of eight words.
    private static int? ReadBits(ExtensionParameter parameter) => parameter.IsQuoted ? null : parameter.Value switch
    {
        "8" => 8,
        "9" => 9,
        "10" => 10,
        "11" => 11,
        "12" => 12,
        "13" => 13,
        "14" => 14,
        "15" => 15,
        _ => null,
    };

    private static string Format(bool serverNoContextTakeover, bool clientNoContextTakeover, int? serverBits, int? clientBits)
    {
        var text = new StringBuilder(ExtensionName);
        text.Append(serverNoContextTakeover ? $"; {ServerNoContextTakeover}" : "");
        text.Append(clientNoContextTakeover ? $"; {ClientNoContextTakeover}" : "");
        text.Append(serverBits is { } server ? Bits(ServerMaxWindowBits, server) : "");
        text.Append(clientBits is { } client ? Bits(ClientMaxWindowBits, client) : "");
        return text.ToString();
    }

    private static string Bits(string name, int bits) => string.Create(CultureInfo.InvariantCulture, $"; {name}={bits}");

    private struct Told
    {
        public bool ServerNoContextTakeover;
        public bool ClientNoContextTakeover;
        public int? ServerBits;
        public bool HasClientBits;
        public int? ClientBits;
    }
}
