using System.Net;

namespace RawSocketChat.Dialing;

/// <summary>The proxy that lies between the client and a target.</summary>
/// <param name="Uri">Where it is: <c>http</c> or <c>socks5</c>.</param>
/// <param name="Credentials">A user and a password; null for none.</param>
internal sealed record ProxyRoute(Uri Uri, NetworkCredential? Credentials)
{
    /// <summary>The proxy's host as it is resolved.</summary>
    public string Host => Uri.HostNameType == UriHostNameType.IPv6 ? Uri.DnsSafeHost : Uri.IdnHost;

    /// <summary>Asks the options; null for the direct way.</summary>
    /// <exception cref="WebSocketHandshakeException">The proxy is of a kind that is not spoken.</exception>
    public static ProxyRoute? For(ClientTarget target, WebSocketClientOptions options)
    {
        var proxy = options.UseSystemProxy ? HttpClient.DefaultProxy : options.Proxy;
        if (proxy is null || proxy.IsBypassed(target.Uri) || proxy.GetProxy(target.Uri) is not { } uri || uri == target.Uri)
        {
            return null;
        }

        if (uri.Scheme is not ("http" or "socks5" or "socks5h"))
        {
            throw new WebSocketHandshakeException(
                WebSocketHandshakeFault.Proxy, $"A proxy must be http or socks5, not {uri.Scheme}.");
        }

        return new(uri, proxy.Credentials?.GetCredential(uri, "Basic") ?? InUri(uri));
    }

    /// <summary>Opens the way to the target over a connection to the proxy.</summary>
    /// <exception cref="WebSocketHandshakeException">The proxy refuses, or is none.</exception>
    public async Task OpenAsync(Transport transport, ClientTarget target, WebSocketClientOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await (Uri.Scheme == "http"
                ? HttpTunnel.OpenAsync(transport, target, Credentials, options.HandshakeLimits, cancellationToken)
                : SocksTunnel.OpenAsync(transport, target, Credentials, cancellationToken)).ConfigureAwait(false);
            CheckThatNothingFollows(transport);
        }
        catch (Exception failure) when (failure.IsLoss() && !cancellationToken.IsCancellationRequested)
        {
            throw new WebSocketHandshakeException(WebSocketHandshakeFault.Proxy, $"The proxy ended the connection: {failure.Message}", failure);
        }
    }

    // In neither TLS nor HTTP does the target speak first; and TLS would go past what was read here.
    private static void CheckThatNothingFollows(Transport transport)
    {
        if (!transport.Input.TryRead(out var early))
        {
            return;
        }

        var isEmpty = early.Buffer.IsEmpty;
        transport.Input.AdvanceTo(early.Buffer.Start);
        if (!isEmpty)
        {
            throw new WebSocketHandshakeException(WebSocketHandshakeFault.Proxy, "The proxy sent more than its answer.");
        }
    }

    private static NetworkCredential? InUri(Uri uri)
    {
        if (uri.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = uri.UserInfo.Split(':', 2);
        return new(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
