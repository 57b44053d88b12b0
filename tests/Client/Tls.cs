using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using RawSocketChat.Client.Tests.Support;
using RawSocketChat.Dialing;

namespace RawSocketChat.Client.Tests;

internal sealed class Tls : ClientFixture
{
    private X509Certificate2 _certificate = null!;

    [SetUp]
    public void MakeCertificate() => _certificate = TestCertificate.Create();

    [TearDown]
    public void DropCertificate() => _certificate.Dispose();

    [Test]
    public async Task A_server_whose_certificate_is_trusted_is_talked_to()
    {
        var server = await StartTlsAsync();
        foreach (var scheme in new[] { "wss", "https" })
        {
            var connection = await ConnectAsync(new($"{scheme}://localhost:{server.LocalEndPoint.Port}/"), Trusting(_certificate));

            await ShouldEchoAsync(connection, new string('x', 200_000));
            await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
        }
    }

    [Test]
    public async Task An_address_may_be_the_certificates_name()
    {
        var server = await StartTlsAsync();
        var connection = await ConnectAsync(new($"wss://127.0.0.1:{server.LocalEndPoint.Port}/"), Trusting(_certificate));

        await ShouldEchoAsync(connection);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
    }

    [Test]
    public async Task A_certificate_that_nobody_trusts_is_refused()
    {
        var server = await StartTlsAsync();

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.Tls, UriOf(server, "wss"));

        failure.InnerException.Should().BeOfType<AuthenticationException>();
    }

    [Test]
    public async Task A_certificate_with_another_name_is_refused_unless_that_name_is_asked_for()
    {
        var server = await StartTlsAsync();
        var elsewhere = new Uri("wss://example.com/");
        var options = new WebSocketClientOptions
        {
            BufferPool = Pool,
            Tls = Trust(_certificate),
            ConnectCallback = (_, cancellationToken) => DialAsync(server, cancellationToken),
        };
        (await ShouldFailAsync(WebSocketHandshakeFault.Tls, elsewhere, options)).InnerException.Should().BeOfType<AuthenticationException>();

        var asked = Trust(_certificate);
        asked.TargetHost = "localhost";
        var connection = await ConnectAsync(elsewhere, new()
        {
            BufferPool = Pool,
            Tls = asked,
            ConnectCallback = (_, cancellationToken) => DialAsync(server, cancellationToken),
        });
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
    }

    [Test]
    public async Task A_server_that_does_not_speak_TLS_is_told_as_such()
    {
        var server = Serve(async peer =>
        {
            await peer.ReadAsync(1);
            await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            peer.End();
        });

        await ShouldFailAsync(WebSocketHandshakeFault.Tls, server.SecureUri, new() { BufferPool = Pool, Tls = Trust(_certificate) });
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_server_that_goes_away_in_the_middle_is_told_as_such_and_may_come_back()
    {
        var server = Serve(async peer =>
        {
            await peer.ReadAsync(1);
            peer.Reset();
        });

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.Tls, server.SecureUri, Trusting(_certificate));

        new ReconnectCause(null, failure).IsFinal.Should().BeFalse();
    }

    [Test]
    public async Task The_connect_timeout_holds_in_the_middle_of_TLS()
    {
        var time = new WatchedTime();
        var hello = new TaskCompletionSource();
        var server = Serve(async peer =>
        {
            await peer.ReadAsync(1);
            hello.SetResult();
        });
        var connect = WebSocketClient.ConnectAsync(
            server.SecureUri, new() { BufferPool = Pool, TimeProvider = time, ConnectTimeout = TimeSpan.FromSeconds(7) });
        await hello.Task.Soon();

        time.Advance(TimeSpan.FromSeconds(7));

        var wait = () => connect.Soon();
        (await wait.Should().ThrowAsync<WebSocketHandshakeException>()).Which.Fault.Should().Be(WebSocketHandshakeFault.Timeout);
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_refusal_over_TLS_is_told_too()
    {
        var server = Serve(async peer =>
        {
            await peer.UseTlsAsync(_certificate);
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        });

        (await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.SecureUri, Trusting(_certificate))).StatusCode.Should().Be(403);
    }

    [Test]
    public void Every_option_of_the_platform_reaches_it()
    {
        var asked = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = true,
            AllowTlsResume = false,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            CertificateChainPolicy = new(),
            CertificateRevocationCheckMode = X509RevocationMode.Offline,
            ClientCertificateContext = SslStreamCertificateContext.Create(_certificate, null, offline: true),
            ClientCertificates = [_certificate],
            EnabledSslProtocols = SslProtocols.Tls13,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
            RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None,
            TargetHost = "another.example",
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            asked.AllowRsaPkcs1Padding = false;
            asked.AllowRsaPssPadding = false;
        }

        var used = ClientTls.OptionsFor(ClientTarget.Of(new("wss://example.com/")), asked);

        foreach (var property in typeof(SslClientAuthenticationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            property.GetValue(used).Should().Be(property.GetValue(asked), property.Name);
        }
    }

    private WebSocketClientOptions Trusting(X509Certificate2 certificate) => new() { BufferPool = Pool, Tls = Trust(certificate) };

    private Task<WebSocketServer> StartTlsAsync() => StartAsync(options: new() { ServerCertificate = _certificate });

    private async ValueTask<Transport> DialAsync(WebSocketServer server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.LocalEndPoint, cancellationToken);
        return new SocketTransport(socket, Pool);
    }
}
