using System.Runtime.CompilerServices;

using RawSocketChat.Framing;
using RawSocketChat.Handshake;

namespace RawSocketChat;

/// <summary>What a server agrees on about compression, connection by connection.</summary>
internal sealed class DeflateAgreement(WebSocketServerOptions options)
{
    // Whoever makes new options for each connection loses time, but no memory.
    private readonly ConditionalWeakTable<DeflateOptions, Checked> _checked = [];

    /// <summary>Chooses among a client's offers.</summary>
    /// <param name="request">The client's request.</param>
    /// <param name="offers">What it offers.</param>
    /// <returns>What to answer, and what holds from then on; null and null where there is no compression.</returns>
    /// <exception cref="ArgumentException">The user's choice for this request has an option out of its bounds.</exception>
    public (string? Answer, PerMessageDeflate? Agreed) Choose(HttpRequest request, IReadOnlyList<ExtensionOffer> offers)
    {
        var wanted = options.SelectDeflate is null ? options.Deflate : options.SelectDeflate(request);
        if (wanted is null || offers.Count == 0)
        {
            return default;
        }

        var (fitted, policy) = _checked.GetValue(wanted, Check);
        var answer = DeflateNegotiator.Accept(offers, policy, out var parameters);
        return answer is null ? default : (answer, new(
            parameters.ServerMaxWindowBits, !parameters.ServerNoContextTakeover, parameters.ClientMaxWindowBits, !parameters.ClientNoContextTakeover)
        {
            Level = fitted.Level,
            MinMessageSize = fitted.MinMessageSize,
        });
    }

    private static Checked Check(DeflateOptions wanted)
    {
        wanted.Validate();
        var fitted = wanted.Fitted(EndpointRole.Server);
        return new(fitted, new()
        {
            ServerContextTakeover = fitted.ServerContextTakeover,
            ClientContextTakeover = fitted.ClientContextTakeover,
            ServerMaxWindowBits = fitted.ServerMaxWindowBits,
            ClientMaxWindowBits = fitted.ClientMaxWindowBits,
        });
    }

    private sealed record Checked(DeflateOptions Fitted, DeflatePolicy Policy);
}
