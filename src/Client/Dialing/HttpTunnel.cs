using System.Net;
using System.Text;

using RawSocketChat.Handshake;
using RawSocketChat.Opening;

namespace RawSocketChat.Dialing;

/// <summary>A tunnel through an HTTP proxy by CONNECT (RFC 9110 §9.3.6, RFC 6455 §4.1 item 3 of establishing a connection).</summary>
internal static class HttpTunnel
{
    /// <summary>Opens the tunnel: what is read and written next is the target's.</summary>
    /// <exception cref="WebSocketHandshakeException">The proxy refuses.</exception>
    public static async Task OpenAsync(
        Transport transport, ClientTarget target, NetworkCredential? credentials, HandshakeLimits limits, CancellationToken cancellationToken)
    {
        var authority = target.AuthorityWithPort;
        var authorization = credentials is null ? "" : $"Proxy-Authorization: {RequestFields.Basic(credentials)}\r\n";
        var request = $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{authorization}\r\n";
        await transport.WriteAsync(new(Encoding.ASCII.GetBytes(request))).ConfigureAwait(false);
        HttpResponseHead head;
        try
        {
            head = await transport.ReadHeadAsync(limits, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketHandshakeException failure)
        {
            throw new WebSocketHandshakeException(WebSocketHandshakeFault.Proxy, $"The proxy: {failure.Message}", failure);
        }

        // RFC 9110 §9.3.6: "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to tunnel mode
        // immediately after the response header section"
        if (head.StatusCode is < 200 or > 299)
        {
            var fault = head.StatusCode == 407 ? WebSocketHandshakeFault.ProxyAuthentication : WebSocketHandshakeFault.Proxy;
            throw await transport.RefusalAsync(head, fault, $"The proxy answered with status {head.StatusCode}.", cancellationToken).ConfigureAwait(false);
        }
    }
}
