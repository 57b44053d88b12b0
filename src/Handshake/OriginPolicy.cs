namespace RawSocketChat.Handshake;

/// <summary>
/// Which web pages may open a WebSocket (RFC 6455 §10.2). Browsers send cookies along from any page, so a server that knows its users by
/// them must look at the origin. Programs other than browsers send none, or whatever they like: this protects users, not the server.
/// </summary>
public sealed class OriginPolicy
{
    private readonly Origin[]? _allowed;
    private readonly bool _sameHost;
    private readonly bool _allowsNull;

    private OriginPolicy(Origin[]? allowed, bool sameHost, bool allowsNull, bool requiresOrigin)
    {
        _allowed = allowed;
        _sameHost = sameHost;
        _allowsNull = allowsNull;
        RequiresOrigin = requiresOrigin;
    }

    /// <summary>Every origin, and none.</summary>
    public static OriginPolicy Any { get; } = new(null, sameHost: false, allowsNull: true, requiresOrigin: false);

    /// <summary>Only pages from the host and port that the request itself was sent to; and no origin.</summary>
    public static OriginPolicy SameHost { get; } = new([], sameHost: true, allowsNull: false, requiresOrigin: false);

    /// <summary>Whether a request without an <c>Origin</c> field is refused. Default: no, as only browsers must send one.</summary>
    public bool RequiresOrigin { get; }

    /// <summary>Only pages from these origins; and no origin.</summary>
    /// <param name="origins">
    /// Origins such as <c>https://example.com</c> or <c>http://localhost:8080</c>, compared whole: scheme, host and port. <c>null</c> as text
    /// allows pages that have no origin of their own, such as files and sandboxed frames.
    /// </param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">One of them is not an origin.</exception>
    public static OriginPolicy OneOf(params IEnumerable<string> origins)
    {
        ArgumentNullException.ThrowIfNull(origins);
        var texts = origins.ToArray();
        var parsed = texts.Where(text => text != "null").Select(text => Origin.TryParse(text, out var origin)
            ? origin
            : throw new ArgumentException($"\"{text}\" is not an origin: scheme://host or scheme://host:port.", nameof(origins))).ToArray();
        return new(parsed, sameHost: false, texts.Contains("null"), requiresOrigin: false);
    }

    /// <summary>The same policy for browsers only: a request without an <c>Origin</c> field is refused.</summary>
    /// <returns>Another policy.</returns>
    public OriginPolicy RequireOrigin() => new(_allowed, _sameHost, _allowsNull, requiresOrigin: true);

    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Whether its origin may connect.</returns>
    public bool Allows(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.TryGetSingleHeader("Origin", out var text))
        {
            return false;
        }

        if (text is null)
        {
            return !RequiresOrigin;
        }

        if (_allowed is null || text == "null")
        {
            return _allowsNull;
        }

        return Origin.TryParse(text, out var origin)
            && (_sameHost ? origin.IsAt(request.Header("Host") ?? "") : _allowed.Contains(origin));
    }

    // RFC 6454 §6.2: scheme "://" host [ ":" port ], nothing else. Host names are compared as they are sent: browsers send them in ASCII.
    private readonly record struct Origin(string Scheme, string Host, int Port)
    {
        public static bool TryParse(string text, out Origin origin)
        {
            origin = default;
            var end = text.IndexOf("://", StringComparison.Ordinal);
            if (end <= 0)
            {
                return false;
            }

            var scheme = text[..end].ToLowerInvariant();
            if (!scheme.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')
                || !TrySplit(text[(end + 3)..], DefaultPort(scheme), out var host, out var port))
            {
                return false;
            }

            origin = new(scheme, host, port);
            return true;
        }

        public bool IsAt(string authority) =>
            TrySplit(authority, DefaultPort(Scheme), out var host, out var port) && host == Host && port == Port;

        private static int DefaultPort(string scheme) => scheme switch
        {
            "http" or "ws" => 80,
            "https" or "wss" => 443,
            _ => -1,
        };

        private static bool TrySplit(string authority, int defaultPort, out string host, out int port)
        {
            port = defaultPort;
            var bracket = authority.LastIndexOf(']');
            var colon = authority.IndexOf(':', bracket + 1);
            host = (colon < 0 ? authority : authority[..colon]).ToLowerInvariant();
            if (host.Length == 0 || host.Any(c => !char.IsAsciiLetterOrDigit(c) && !"-._~[]:%!$&'()*+;=".Contains(c, StringComparison.Ordinal)))
            {
                return false;
            }

            return colon < 0
                || (authority[(colon + 1)..].All(char.IsAsciiDigit)
                    && int.TryParse(authority.AsSpan(colon + 1), out port) && port is > 0 and <= ushort.MaxValue);
        }
    }
}
