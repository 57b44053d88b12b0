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
            SubProtocolList.Validate(_subProtocols, nameof(SubProtocols));
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
}
