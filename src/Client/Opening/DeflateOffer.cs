using RawSocketChat.Framing;
using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>What a client offers of compression, and what comes of it (RFC 7692 §7.1).</summary>
internal sealed class DeflateOffer
{
    private readonly DeflateOptions _options;
    private readonly DeflatePolicy _policy;

    private DeflateOffer(DeflateOptions options)
    {
        _options = options.Fitted(EndpointRole.Client);
        _policy = new()
        {
            ServerContextTakeover = _options.ServerContextTakeover,
            ClientContextTakeover = _options.ClientContextTakeover,
            ServerMaxWindowBits = _options.ServerMaxWindowBits,
            ClientMaxWindowBits = _options.ClientMaxWindowBits,
        };
        Text = DeflateNegotiator.Offer(_policy);
    }

    /// <summary>The Sec-WebSocket-Extensions value.</summary>
    public string Text { get; }

    /// <summary>The offer of a client with these options; null for none.</summary>
    public static DeflateOffer? Of(DeflateOptions? options) => options is null ? null : new(options);

    /// <summary>Judges the server's answer.</summary>
    /// <param name="offer">What was offered; null for nothing.</param>
    /// <param name="fields">The answer's Sec-WebSocket-Extensions values.</param>
    /// <param name="agreed">What holds from then on; null where there is no compression.</param>
    /// <returns>False where the connection must be failed.</returns>
    public static bool TryRead(DeflateOffer? offer, IEnumerable<string> fields, out PerMessageDeflate? agreed)
    {
        var isSound = DeflateNegotiator.TryReadAnswer(fields, offer?._policy, out var parameters);
        agreed = parameters is not { } told ? null : new(
            told.ClientMaxWindowBits, !told.ClientNoContextTakeover, told.ServerMaxWindowBits, !told.ServerNoContextTakeover)
        {
            Level = offer!._options.Level,
            MinMessageSize = offer._options.MinMessageSize,
        };
        return isSound;
    }
}
