namespace RawSocketChat.Handshake;

/// <summary>What a server supports and allows in an opening handshake. Checked when set.</summary>
public sealed class UpgradePolicy
{
    /// <summary>The server's subprotocols, the preferred one first. Default: none.</summary>
    /// <exception cref="ArgumentException">One is not a token, or stands there twice.</exception>
    public IReadOnlyList<string> SubProtocols
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            foreach (var name in value)
            {
                if (!HttpGrammar.IsToken(name))
                {
                    throw new ArgumentException($"SubProtocols: \"{name}\" is not a token (RFC 6455 §4.1).", nameof(SubProtocols));
                }
            }

            if (value.Distinct(StringComparer.Ordinal).Count() != value.Count)
            {
                throw new ArgumentException("SubProtocols: a name stands there twice.", nameof(SubProtocols));
            }

            field = [.. value];
        }
    }
    = [];

    /// <summary>Which origins may connect. Default: any.</summary>
    public OriginPolicy Origins { get; init; } = OriginPolicy.Any;
}
