using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChatHost;

/// <summary>What a server needs for TLS, out of a PKCS #12 file without a password.</summary>
internal static class TlsCertificate
{
    /// <summary>Loads the certificate that has a key, and with it the others in the file: phones ask for the whole chain.</summary>
    /// <exception cref="CryptographicException">The file is not PKCS #12, has a password, or has no certificate with a key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SslServerAuthenticationOptions Load(string file)
    {
        var certificates = X509CertificateLoader.LoadPkcs12Collection(File.ReadAllBytes(file), password: null);
        var own = certificates.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException("It has no certificate with a private key.");
        return new SslServerAuthenticationOptions
        {
            // Offline: what the chain lacks is not fetched while a client waits.
            ServerCertificateContext = SslStreamCertificateContext.Create(own, certificates, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }
}
