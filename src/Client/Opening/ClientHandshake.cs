using System.Buffers;
using System.Net;
using System.Security.Cryptography;

using Microsoft.Extensions.Logging;

using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>The client's half of the opening handshake over a transport (RFC 6455 §4.1).</summary>
/// <param name="SubProtocol">The subprotocol that the server has chosen; null for none.</param>
/// <param name="Deflate">What was agreed on about compression; null for none.</param>
/// <param name="Response">The 101.</param>
internal sealed record ClientHandshake(string? SubProtocol, PerMessageDeflate? Deflate, HttpResponseHead Response)
{
    /// <summary>Asks, reads the answer and judges it. What lies behind the answer stays in the transport.</summary>
    /// <exception cref="WebSocketHandshakeException">There is no answer, or none that opens a connection.</exception>
    public static async Task<ClientHandshake> RunAsync(
        Transport transport, ClientTarget target, WebSocketClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        // RFC 6455 §4.1: "The nonce MUST be selected randomly for each connection."
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var deflate = DeflateOffer.Of(options.Deflate);
        var offer = RequestFields.Offer(options, target.CookieUri, deflate?.Policy);
        var request = new ArrayBufferWriter<byte>(512);
        RequestWriter.WriteUpgrade(request, target.Authority, target.ResourceName, key, offer);
        await transport.WriteAsync(new(request.WrittenMemory)).ConfigureAwait(false);
        var head = await transport.ReadHeadAsync(options.HandshakeLimits, cancellationToken).ConfigureAwait(false);
        KeepCookies(head, target, options.Cookies, logger);
        if (UpgradeValidator.TryValidate(head, key, offer, out var agreement, out var violation))
        {
            return new(agreement.SubProtocol, agreement.Deflate is { } agreed ? deflate!.Agreed(agreed) : null, head);
        }

        throw violation.Rule == HandshakeRule.StatusCode
            ? await transport.RefusalAsync(
                head, WebSocketHandshakeFault.RefusedStatus, $"{target} answered with status {head.StatusCode}.", cancellationToken).ConfigureAwait(false)
            : HandshakeFailures.OfAnswer(violation, head);
    }

    // RFC 6265 §5.2: what cannot be understood is ignored, each field by itself.
    private static void KeepCookies(HttpResponseHead head, ClientTarget target, CookieContainer? cookies, ILogger logger)
    {
        if (cookies is null)
        {
            return;
        }

        foreach (var cookie in head.HeaderValues("Set-Cookie"))
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
