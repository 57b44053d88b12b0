using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// From which web pages a connection is taken (RFC 6455 §4.2.2 /origin/, §10.2). A refused origin is answered with 403.
/// Immutable; one instance serves any number of connections and threads.
/// </summary>
/// <remarks>
/// Scheme, host and port must all be equal: scheme and host without regard to ASCII case, a port left out meaning its
/// scheme's default. There are no wildcards. A request without an Origin field passes every policy, because the policy
/// protects the users of browsers, and every browser sends the field; a program that leaves it out could as well send
/// any value that it likes. <see cref="RequireOrigin"/> gives the policy that refuses such a request.
/// </remarks>
public sealed class OriginPolicy
{
    private readonly Rule _rule;
    private readonly Origin[] _allowed;
    private readonly bool _allowsNull;
    private readonly bool _isRequired;

    private OriginPolicy(Rule rule, Origin[] allowed, bool allowsNull, bool isRequired)
    {
        _rule = rule;
        _allowed = allowed;
        _allowsNull = allowsNull;
        _isRequired = isRequired;
    }

    private enum Rule
    {
        Any,
        SameHost,
        OneOf,
    }

    /// <summary>Takes connections from any page. Right where nothing depends on a cookie or on the client's place in the network.</summary>
    public static OriginPolicy Any { get; } = new(Rule.Any, [], allowsNull: true, isRequired: false);

    /// <summary>Takes connections from pages of the host, port and scheme that the request itself is addressed to.</summary>
    /// <remarks>
    /// The scheme is https where the connection is secure and http where it is not, as told to
    /// <see cref="UpgradeNegotiator.TryAccept"/>; the host is that of the Host field. A proxy in front must pass the Host
    /// field on, and where it ends TLS the server must know.
    /// </remarks>
    public static OriginPolicy SameHost { get; } = new(Rule.SameHost, [], allowsNull: false, isRequired: false);

    /// <summary>Takes connections from pages of the listed origins.</summary>
    /// <param name="origins">
    /// Origins such as "https://example.com" or "http://localhost:8080", host names beyond ASCII in their punycode form;
    /// or "null", the origin of sandboxed pages and local files.
    /// </param>
    /// <exception cref="ArgumentException">There is no origin in the list, or one is not a scheme, a host and an optional port.</exception>
    public static OriginPolicy OneOf(params string[] origins)
    {
        ArgumentNullException.ThrowIfNull(origins);
        if (origins.Length == 0)
        {
            throw new ArgumentException("At least one origin must be listed.", nameof(origins));
        }

        var allowed = new List<Origin>(origins.Length);
        bool allowsNull = false;
        foreach (string text in origins)
        {
            if (text == "null")
            {
                allowsNull = true;
            }
            else if (IsExact(text) && Origin.TryParse(Encoding.ASCII.GetBytes(text), out Origin origin))
            {
                allowed.Add(origin);
            }
            else
            {
                throw new ArgumentException(
                    $"\"{text}\" is not an origin: scheme://host or scheme://host:port, in ASCII, no wildcard, nothing behind it.",
                    nameof(origins));
            }
        }

        return new OriginPolicy(Rule.OneOf, [.. allowed], allowsNull, isRequired: false);
    }

    /// <summary>The same policy, but refusing a request that has no Origin field.</summary>
    public OriginPolicy RequireOrigin() => new(_rule, _allowed, _allowsNull, isRequired: true);

    internal HttpRefusal? Check(HttpRequest request, bool isSecure)
    {
        int count = request.Fields.CountOf("Origin", out Range value);
        if (count == 0)
        {
            // RFC 6455 §4.2.1: "A connection attempt lacking this header field SHOULD NOT be interpreted as coming from
            // a browser client."
            return _isRequired ? new HttpRefusal(403, "An Origin field is required.") : null;
        }

        // RFC 6454 §7.3: a request has one Origin field at most.
        if (count > 1)
        {
            return HttpRefusal.BadRequest("There is more than one Origin field.");
        }

        // RFC 6455 §4.2.2: "it MUST return an appropriate HTTP error code (e.g., 403 Forbidden) and abort the WebSocket
        // handshake described in this section."
        return IsAllowed(request, request.Fields.Memory(value), isSecure) ? null : new HttpRefusal(403, "The origin is not allowed.");
    }

    // A host may hold an asterisk (RFC 3986 §3.2.2); whoever lists one means a wildcard, and would be left with a rule that
    // matches nothing.
    private static bool IsExact(string? text) => text is not null && Ascii.IsValid(text) && !text.Contains('*', StringComparison.Ordinal);

    private bool IsAllowed(HttpRequest request, ReadOnlyMemory<byte> text, bool isSecure)
    {
        if (_rule == Rule.Any)
        {
            return true;
        }

        if (text.Span.SequenceEqual("null"u8))
        {
            return _allowsNull;
        }

        if (!Origin.TryParse(text, out Origin origin))
        {
            return false;
        }

        return _rule == Rule.SameHost ? IsSameHost(request, origin, isSecure) : IsListed(origin);
    }

    private static bool IsSameHost(HttpRequest request, Origin origin, bool isSecure)
    {
        ReadOnlySpan<byte> scheme = isSecure ? "https"u8 : "http"u8;
        if (!Ascii.EqualsIgnoreCase(origin.Scheme.Span, scheme) || !Authority.TryParse(request.Authority, out Authority addressed))
        {
            return false;
        }

        // The origin of a page that came from where the request goes.
        return origin.IsSame(new Origin(origin.Scheme, addressed));
    }

    private bool IsListed(Origin origin)
    {
        foreach (Origin allowed in _allowed)
        {
            if (origin.IsSame(allowed))
            {
                return true;
            }
        }

        return false;
    }
}
