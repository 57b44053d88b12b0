using System.ComponentModel;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Tls : ServerFixture
{
    private X509Certificate2 _certificate = null!;

    [SetUp]
    public void MakeCertificate() => _certificate = TestCertificate.Create();

    [TearDown]
    public void DropCertificate() => _certificate.Dispose();

    [TestCase(SslProtocols.Tls12)]
    [TestCase(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_are_spoken(SslProtocols protocol)
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);

        await client.UseTlsAsync(Client(protocol));
        await client.SendAsync(RawClient.Request());

        (await client.ReadAnswerAsync()).Status.Should().Be(101);
        await ShouldEchoAsync(client);
        await ShouldEchoAsync(client, new string('x', 200_000));
    }

    [Test]
    public async Task TLS_1_1_is_refused_by_the_server_or_not_even_offered_by_this_platform()
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);
#pragma warning disable SYSLIB0039, CA5397 // Older than what is allowed, on purpose.
        var connect = () => client.UseTlsAsync(Client(SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397

        var refused = (await connect.Should().ThrowAsync<Exception>()).Which;

        refused.Should().Match(it => it is AuthenticationException || it is IOException || it is Win32Exception || it is PlatformNotSupportedException);
        (await OpenTlsAsync(server)).State.Should().Be(WebSocketState.Open);
    }

    [Test]
    public async Task A_client_of_the_framework_is_served()
    {
        var server = await StartTlsAsync();
        using var client = await OpenTlsAsync(server);
        using var bound = new CancellationTokenSource(Waiting.Bound);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, bound.Token);
        var buffer = new byte[100];

        var result = await client.ReceiveAsync(buffer, bound.Token);

        buffer[..result.Count].Should().Equal("hello"u8.ToArray());
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token);
        client.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task A_client_that_does_not_trust_the_certificate_leaves_and_others_are_served()
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);
        var connect = () => client.UseTlsAsync(new() { TargetHost = "localhost" });

        await connect.Should().ThrowAsync<AuthenticationException>();

        client.Dispose();
        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
        using var other = await OpenTlsAsync(server);
        other.State.Should().Be(WebSocketState.Open);
    }

    [Test]
    public async Task A_client_that_speaks_plain_HTTP_is_cut()
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request());

        await client.ReadToEndAsync();

        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
        Logs.Count(LogRecorder.Opened).Should().Be(0);
        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
    }

    [Test]
    public async Task A_refusal_arrives_whole_and_TCP_ends()
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);
        await client.UseTlsAsync(Client(SslProtocols.None));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        var answer = await client.ReadAnswerAsync();

        answer.Status.Should().Be(426);
        answer.Headers["Connection"].Split(", ").Should().Contain("close");
        (await client.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task Broadcast_and_stop_reach_clients_over_TLS()
    {
        var server = await StartTlsAsync();
        var client = await ConnectAsync(server);
        await client.UseTlsAsync(Client(SslProtocols.None));
        await client.SendAsync(RawClient.Request());
        await client.ReadAnswerAsync();

        server.Broadcast("to all").Accepted.Should().Be(1);
        (await client.ReadTextAsync()).Should().Be("to all");

        var stop = server.StopAsync();
        (await client.ReadUntilCloseAsync()).Should().Be(1001);
        client.Dispose();
        await stop.Soon();
    }

    [Test]
    public void A_certificate_without_its_private_key_is_refused()
    {
        using var publicOnly = X509CertificateLoader.LoadCertificate(_certificate.RawData);

        var create = () => new WebSocketServer(new() { ServerCertificate = publicOnly }, EchoAsync);

        create.Should().Throw<ArgumentException>().WithMessage("*ServerCertificate*private key*");
    }

    private SslClientAuthenticationOptions Client(SslProtocols protocols) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = protocols,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == _certificate.Thumbprint,
    };

    private Task<WebSocketServer> StartTlsAsync() => StartAsync(new WebSocketServerOptions { ServerCertificate = _certificate, LoggerFactory = Logs });

    private async Task<ClientWebSocket> OpenTlsAsync(WebSocketServer server)
    {
        var client = Own(new ClientWebSocket());
        client.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == _certificate.Thumbprint;
        using var bound = new CancellationTokenSource(Waiting.Bound);
        await client.ConnectAsync(new($"wss://{server.LocalEndPoint}/"), bound.Token);
        return client;
    }
}
