using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Logging;

using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>The client's half of the opening handshake over a transport (RFC 6455 §4.1).</summary>
/// <param name="SubProtocol">The subprotocol that the server has chosen; null for none.</param>
/// <param name="Deflate">What was agreed on about compression; null for none.</param>
/// <param name="Response">The 101.</param>
internal sealed record ClientHandshake(string? SubProtocol, PerMessageDeflate? Deflate, ResponseHead Response)
{
    /// <summary>Asks, reads the answer and judges it. What lies behind the answer stays in the transport.</summary>
    /// <exception cref="WebSocketHandshakeException">There is no answer, or none that opens a connection.</exception>
    public static async Task<ClientHandshake> RunAsync(
        Transport transport, ClientTarget target, WebSocketClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        // RFC 6455 §4.1: "The value of this header field MUST be a nonce consisting of a randomly selected 16-byte value"
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var offer = DeflateOffer.Of(options.Deflate);
        await transport.WriteAsync(new(Request(target, options, key, offer))).ConfigureAwait(false);
        var head = await transport.ReadHeadAsync(options.HandshakeLimits, cancellationToken).ConfigureAwait(false);
        KeepCookies(head, target, options.Cookies, logger);
        if (head.StatusCode != 101)
        {
            throw await transport.RefusalAsync(
                head, WebSocketHandshakeFault.RefusedStatus, $"{target} answered with status {head.StatusCode}.", cancellationToken).ConfigureAwait(false);
        }

        return Judge(head, key, options.SubProtocols, offer);
    }

    private static byte[] Request(ClientTarget target, WebSocketClientOptions options, string key, DeflateOffer? offer)
    {
        var request = new StringBuilder(512);
        request.Append(CultureInfo.InvariantCulture, $"GET {target.ResourceName} HTTP/1.1\r\nHost: {target.Authority}\r\n");
        request.Append(CultureInfo.InvariantCulture, $"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n");
        request.Append("Sec-WebSocket-Version: 13\r\n");
        Append("Origin", options.Origin);
        Append("Sec-WebSocket-Protocol", string.Join(", ", options.SubProtocols));
        Append("Sec-WebSocket-Extensions", offer?.Text);
        Append("Authorization", options.Credentials is { } credentials ? RequestFields.Basic(credentials) : null);
        Append("Cookie", options.Cookies?.GetCookieHeader(target.CookieUri));
        foreach (var (name, value) in options.Headers)
        {
            request.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.ASCII.GetBytes(request.Append("\r\n").ToString());

        void Append(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                request.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }
        }
    }

    private static ClientHandshake Judge(ResponseHead head, string key, IReadOnlyList<string> subProtocols, DeflateOffer? offer)
    {
        // RFC 6455 §4.1: "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an
        // ASCII case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."
        if (!string.Equals(head.Single("Upgrade"), "websocket", StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong(WebSocketHandshakeFault.UpgradeHeaders, "it does not upgrade to websocket");
        }

        // RFC 6455 §4.1: "... doesn't contain a token that is an ASCII case-insensitive match for the value "Upgrade""
        if (!head.HasToken("Connection", "Upgrade"))
        {
            throw Wrong(WebSocketHandshakeFault.UpgradeHeaders, "its Connection field does not hold Upgrade");
        }

        // RFC 6455 §4.1, item 4: the concatenation of the key and the GUID, hashed.
        Span<byte> accept = stackalloc byte[AcceptKey.AcceptLength];
        AcceptKey.Compute(Encoding.ASCII.GetBytes(key), accept);
        if (head.Single("Sec-WebSocket-Accept") != Encoding.ASCII.GetString(accept))
        {
            throw Wrong(WebSocketHandshakeFault.AcceptKey, "its Sec-WebSocket-Accept does not fit the key");
        }

        // RFC 6455 §4.1, item 5: an extension "that was not present in the client's handshake"
        if (!DeflateOffer.TryRead(offer, head.All("Sec-WebSocket-Extensions"), out var deflate))
        {
            throw Wrong(WebSocketHandshakeFault.Extension, "it uses an extension that was not offered, or not as it was offered");
        }

        // RFC 6455 §4.1, item 6: "a subprotocol that was not present in the client's handshake"
        return head.All("Sec-WebSocket-Protocol") switch
        {
            [] => new(null, deflate, head),
            [var chosen] when subProtocols.Contains(chosen, StringComparer.Ordinal) => new(chosen, deflate, head),
            _ => throw Wrong(WebSocketHandshakeFault.SubProtocol, "it chooses a subprotocol that was not offered, or more than one"),
        };

        WebSocketHandshakeException Wrong(WebSocketHandshakeFault fault, string why) =>
            new(fault, $"The server's 101 does not open a connection: {why}.") { StatusCode = head.StatusCode, Headers = head.Headers };
    }

    // RFC 6265 §5.2: what cannot be understood is ignored, each field by itself.
    private static void KeepCookies(ResponseHead head, ClientTarget target, CookieContainer? cookies, ILogger logger)
    {
        if (cookies is null)
        {
            return;
        }

        foreach (var cookie in head.All("Set-Cookie"))
        {
            try
            {
                cookies.SetCookies(target.CookieUri, cookie);
            }
            catch (CookieException wrong)
            {
                Log.CookieIgnored(logger, Log.Place(target.Uri), wrong);
            }
        }
    }
}
