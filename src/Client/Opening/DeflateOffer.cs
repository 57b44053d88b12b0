using RawSocketChat.Framing;
using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>What a client offers of compression, and what comes of it (RFC 7692 §7.1).</summary>
internal sealed class DeflateOffer
{
    private readonly DeflateOptions _options;

    private DeflateOffer(DeflateOptions options)
    {
        _options = options.Fitted(EndpointRole.Client);
        Policy = new()
        {
            ServerContextTakeover = _options.ServerContextTakeover,
            ClientContextTakeover = _options.ClientContextTakeover,
            ServerMaxWindowBits = _options.ServerMaxWindowBits,
            ClientMaxWindowBits = _options.ClientMaxWindowBits,
        };
    }

    /// <summary>The same as the handshake says it.</summary>
    public DeflatePolicy Policy { get; }

    /// <summary>The offer of a client with these options; null for none.</summary>
    public static DeflateOffer? Of(DeflateOptions? options) => options is null ? null : new(options);

    /// <summary>What holds from then on, where the server has agreed.</summary>
    public PerMessageDeflate Agreed(DeflateParameters parameters) => new(
        parameters.ClientMaxWindowBits, !parameters.ClientNoContextTakeover, parameters.ServerMaxWindowBits, !parameters.ServerNoContextTakeover)
    {
        Level = _options.Level,
        MinMessageSize = _options.MinMessageSize,
    };
}
