using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>What a server supports and allows, checked once when it is made. Immutable; one instance serves all connections.</summary>
public sealed class UpgradePolicy
{
    private string[] _subProtocols = [];

    /// <summary>
    /// The subprotocols that the server speaks, the one it likes best first; none unless set. Tokens, compared case by
    /// case (RFC 6455 §4.2.2 /subprotocol/). The list is copied.
    /// </summary>
    /// <exception cref="ArgumentException">An element is not a token, or occurs twice.</exception>
    public IReadOnlyList<string> SubProtocols
    {
        get => _subProtocols;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _subProtocols = [.. value];
            Validate(_subProtocols, nameof(SubProtocols));
            SubProtocolBytes = [.. _subProtocols.Select(Encoding.ASCII.GetBytes)];
        }
    }

    /// <summary>From which web pages connections are taken (RFC 6455 §10.2); <see cref="OriginPolicy.SameHost"/> unless set.</summary>
    public OriginPolicy Origins
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = OriginPolicy.SameHost;

    // The same as SubProtocols, so that nothing is made for a comparison.
    internal byte[][] SubProtocolBytes { get; private init; } = [];

    private static void Validate(string[] subProtocols, string propertyName)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string subProtocol in subProtocols)
        {
            if (!HttpSyntax.IsToken(subProtocol))
            {
                throw new ArgumentException($"\"{subProtocol}\" is not a token (RFC 9110 §5.6.2).", propertyName);
            }

            if (!seen.Add(subProtocol))
            {
                throw new ArgumentException($"\"{subProtocol}\" occurs twice.", propertyName);
            }
        }
    }
}
