using System.Net.Security;
using System.Security.Authentication;

namespace RawSocketChat.Dialing;

/// <summary>TLS over a transport (RFC 6455 §4.1, item 5 of establishing a connection).</summary>
internal static class ClientTls
{
    /// <summary>Authenticates the server. The transport that comes back carries the other along; it must be disposed where this fails, too.</summary>
    public static async Task<Transport> OpenAsync(
        Transport transport, ClientTarget target, WebSocketClientOptions options, CancellationToken cancellationToken)
    {
        var tls = new SslStream(transport.AsStream(), leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(OptionsFor(target, options.Tls), cancellationToken).ConfigureAwait(false);
            return new StreamTransport(tls, transport, options.BufferPool);
        }
        catch (Exception failure)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested || failure is OutOfMemoryException)
            {
                throw;
            }

            // Whatever the platform, or a callback of the user's, has thrown: it is TLS that failed.
            throw new WebSocketHandshakeException(WebSocketHandshakeFault.Tls, $"TLS with {target} failed: {failure.Message}", failure);
        }
    }

    // A copy: the user's options may serve several attempts at once, to several hosts.
    internal static SslClientAuthenticationOptions OptionsFor(ClientTarget target, SslClientAuthenticationOptions? asked)
    {
        if (asked is null)
        {
            return new() { TargetHost = target.CertificateName, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        }

        var copy = new SslClientAuthenticationOptions
        {
            TargetHost = string.IsNullOrEmpty(asked.TargetHost) ? target.CertificateName : asked.TargetHost,
            AllowRenegotiation = asked.AllowRenegotiation,
            AllowTlsResume = asked.AllowTlsResume,
            ApplicationProtocols = asked.ApplicationProtocols,
            CertificateChainPolicy = asked.CertificateChainPolicy,
            CertificateRevocationCheckMode = asked.CertificateRevocationCheckMode,
            CipherSuitesPolicy = asked.CipherSuitesPolicy,
            ClientCertificateContext = asked.ClientCertificateContext,
            ClientCertificates = asked.ClientCertificates,
            EnabledSslProtocols = asked.EnabledSslProtocols,
            EncryptionPolicy = asked.EncryptionPolicy,
            LocalCertificateSelectionCallback = asked.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = asked.RemoteCertificateValidationCallback,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = asked.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = asked.AllowRsaPssPadding;
        }

        return copy;
    }
}
