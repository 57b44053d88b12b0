using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A root, an intermediate, and a server's certificate, made on the spot.</summary>
public sealed class CertificateChain : IDisposable
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _server;

    public CertificateChain(string name)
    {
        var now = DateTimeOffset.UtcNow;
        Root = Authority("CN=root of a test", _rootKey).CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
        using var intermediate = Authority("CN=intermediate of a test", _intermediateKey).Create(Root, now.AddDays(-1), now.AddDays(1), [1]);
        _intermediate = intermediate.CopyWithPrivateKey(_intermediateKey);
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        _server = request.Create(_intermediate, now.AddHours(-1), now.AddHours(12), [2]);
    }

    /// <summary>What a client may trust.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>What a server shows: its own certificate and the intermediate one.</summary>
    public string Pem => $"{_server.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n";

    /// <summary>The key of the server's certificate.</summary>
    public string KeyPem => _key.ExportPkcs8PrivateKeyPem();

    public void Dispose()
    {
        Root.Dispose();
        _intermediate.Dispose();
        _server.Dispose();
        _rootKey.Dispose();
        _intermediateKey.Dispose();
        _key.Dispose();
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }
}
