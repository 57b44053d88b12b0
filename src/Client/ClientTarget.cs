using System.Net;

namespace RawSocketChat;

/// <summary>Where a client connects to: a WebSocket URI taken apart (RFC 6455 §3).</summary>
internal sealed class ClientTarget
{
    private ClientTarget(Uri uri, bool isSecure)
    {
        Uri = uri;
        IsSecure = isSecure;

        // Brackets belong to the URI, and a zone to this machine (RFC 6874 §4): neither is a part of the name that is resolved or told.
        var isIPv6 = uri.HostNameType == UriHostNameType.IPv6;
        Host = isIPv6 ? uri.DnsSafeHost : uri.IdnHost;
        Port = uri.Port;
        var told = isIPv6 ? $"[{WithoutZone(Host)}]" : Host;
        Authority = uri.IsDefaultPort ? told : $"{told}:{Port}";
        AuthorityWithPort = $"{told}:{Port}";
    }

    /// <summary>The URI, with the scheme <c>ws</c> or <c>wss</c>.</summary>
    public Uri Uri { get; }

    /// <summary>Whether TLS is spoken.</summary>
    public bool IsSecure { get; }

    /// <summary>The host as it is resolved: a name in ASCII or an address without brackets.</summary>
    public string Host { get; }

    /// <summary>The port: RFC 6455 §3 has 80 and 443 where the URI has none.</summary>
    public int Port { get; }

    /// <summary>The value of the Host field: the port only where it is not the scheme's (RFC 6455 §4.1, item 4).</summary>
    public string Authority { get; }

    /// <summary>The same with the port always, as CONNECT wants it (RFC 9112 §3.2.3).</summary>
    public string AuthorityWithPort { get; }

    /// <summary>/resource name/: the path, "/" where the URI has none, and the query (RFC 6455 §3).</summary>
    public string ResourceName => Uri.PathAndQuery;

    /// <summary>The name that a certificate must have.</summary>
    public string CertificateName => WithoutZone(Host);

    /// <summary>The URI with the scheme by which cookies are kept.</summary>
    public Uri CookieUri => WithScheme(Uri, IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);

    /// <summary>Takes a URI apart.</summary>
    /// <exception cref="ArgumentException">It is not one of a WebSocket.</exception>
    public static ClientTarget Of(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri)
        {
            throw new ArgumentException("The URI must be absolute.", nameof(uri));
        }

        var isSecure = uri.Scheme switch
        {
            "ws" or "http" => false,
            "wss" or "https" => true,
            _ => throw new ArgumentException($"The scheme must be ws, wss, http or https, not {uri.Scheme}.", nameof(uri)),
        };
        if (uri.Host.Length == 0)
        {
            throw new ArgumentException("The URI must name a host.", nameof(uri));
        }

        if (uri.UserInfo.Length > 0)
        {
            // The grammar of RFC 6455 §3 has none; and what is in a URI ends in logs.
            throw new ArgumentException($"A WebSocket URI holds no user; set {nameof(WebSocketClientOptions.Credentials)}.", nameof(uri));
        }

        if (uri.Fragment.Length > 0)
        {
            // RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on these URIs."
            throw new ArgumentException("A WebSocket URI has no fragment (RFC 6455 §3); a '#' in the path is written %23.", nameof(uri));
        }

        var target = new ClientTarget(WithScheme(uri, isSecure ? "wss" : "ws"), isSecure);
        if (!IsVisibleAscii(target.Authority) || !IsVisibleAscii(target.ResourceName) || target.ResourceName is not ['/', ..]
            || target.ResourceName.Contains('#', StringComparison.Ordinal))
        {
            // RFC 6455 §4.1: "The handshake MUST be a valid HTTP request as specified by [RFC2616]." A Uri that was made with
            // DangerousDisablePathAndQueryCanonicalization holds what it was given, line ends among them.
            throw new ArgumentException("The URI's host, path and query must be percent-encoded, the path from '/'.", nameof(uri));
        }

        return target;
    }

    /// <summary>The host as a URI and a header field write it.</summary>
    public override string ToString() => AuthorityWithPort;

    private static Uri WithScheme(Uri uri, string scheme) =>
        uri.Scheme == scheme ? uri : new UriBuilder(uri) { Scheme = scheme, Port = uri.IsDefaultPort ? -1 : uri.Port }.Uri;

    private static bool IsVisibleAscii(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string WithoutZone(string host)
    {
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        return zone >= 0 && IPAddress.TryParse(host, out _) ? host[..zone] : host;
    }
}
