using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using RawSocketChat.Handshake;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

/// <summary>What a WeChat mini program's sockets need of a server, with the header fields that they send.</summary>
internal sealed class WeChatClients : ServerFixture
{
    private const string PlatformHeaders =
        "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 " +
        "MicroMessenger/8.0.50(0x18003239) NetType/WIFI Language/zh_CN\r\n" +
        "Referer: https://servicewechat.com/wx0123456789abcdef/devtools/page-frame.html\r\n" +
        "Accept-Language: zh-CN,zh;q=0.9\r\nPragma: no-cache\r\nCache-Control: no-cache\r\ncontent-type: application/json\r\n" +
        "X-Token: %E4%BB%A4%E7%89%8C\r\n";

    // Origin is absent on phones, the program's own on some versions, the server's in the developers' tools.
    private static readonly string[] Origins =
        ["", "Origin: weapp://wx0123456789abcdef\r\n", "Origin: http://localhost\r\n", "Origin: https://servicewechat.com\r\n"];

    [Test]
    public async Task Are_served_with_any_header_fields_and_any_origin([ValueSource(nameof(Origins))] string origin)
    {
        var server = await StartAsync(async (connection, stopping) =>
            await connection.SendAsync(connection.GetRequest().Header("Referer") ?? "none", stopping));
        var client = await OpenAsync(server, headers: PlatformHeaders + origin);

        (await client.ReadTextAsync()).Should().StartWith("https://servicewechat.com/");
    }

    [Test]
    public async Task Can_be_listed_by_their_origin()
    {
        var server = await StartAsync(
            new WebSocketServerOptions { AllowedOrigins = OriginPolicy.OneOf("weapp://wx0123456789abcdef") }, EchoAsync);

        await ShouldEchoAsync(await OpenAsync(server, headers: PlatformHeaders + "Origin: weapp://wx0123456789abcdef\r\n"));
        (await AskAsync(server, RawClient.Request(PlatformHeaders + "Origin: weapp://wxffffffffffffffff\r\n"))).Status.Should().Be(403);
        await ShouldEchoAsync(await OpenAsync(server, headers: PlatformHeaders));
    }

    // The platform fails a connection whose answer names a subprotocol that it has not offered.
    [TestCase("", null)]
    [TestCase("Sec-WebSocket-Protocol: chat\r\n", "chat")]
    [TestCase("Sec-WebSocket-Protocol: other\r\n", null)]
    [TestCase("Sec-WebSocket-Protocol: other, chat\r\n", "chat")]
    public async Task Are_told_a_subprotocol_only_where_they_offered_it(string offer, string? expected)
    {
        var server = await StartAsync(new WebSocketServerOptions { SubProtocols = ["chat"] }, EchoAsync);
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request(PlatformHeaders + offer));

        var answer = await client.ReadAnswerAsync();

        answer.Status.Should().Be(101);
        answer.Headers.GetValueOrDefault("Sec-WebSocket-Protocol").Should().Be(expected);
        await ShouldEchoAsync(client);
    }

    // perMessageDeflate off, and on: the server has no compression, and an offer that it declines is none.
    [TestCase("")]
    [TestCase("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")]
    public async Task Are_served_without_an_extension_whether_they_offer_one_or_not(string offer)
    {
        var server = await StartAsync();
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request(PlatformHeaders + offer));

        var answer = await client.ReadAnswerAsync();

        answer.Status.Should().Be(101);
        answer.Headers.Should().NotContainKey("Sec-WebSocket-Extensions");
        await ShouldEchoAsync(client, "你好 😀");
    }

    [Test]
    public async Task Trust_a_certificate_by_the_chain_that_the_server_sends()
    {
        using var chain = new TestCertificateChain();
        var server = await StartAsync(new WebSocketServerOptions
        {
            ServerCertificate = chain.Leaf,
            ServerCertificateChain = [chain.Intermediate],
        });
        var client = await ConnectAsync(server);

        // It knows the root alone, and fetches nothing.
        await client.UseTlsAsync(new() { TargetHost = "localhost", CertificateChainPolicy = TrustOnly(chain.Root) });
        await client.SendAsync(RawClient.Request(PlatformHeaders));

        (await client.ReadAnswerAsync()).Status.Should().Be(101);
        await ShouldEchoAsync(client);
    }

    [Test]
    public async Task Do_not_trust_it_where_the_server_sends_no_chain()
    {
        using var chain = new TestCertificateChain();
        var server = await StartAsync(new WebSocketServerOptions { ServerCertificate = chain.Leaf, LoggerFactory = Logs });
        var client = await ConnectAsync(server);

        var connect = () => client.UseTlsAsync(new() { TargetHost = "localhost", CertificateChainPolicy = TrustOnly(chain.Root) });

        await connect.Should().ThrowAsync<AuthenticationException>();
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2 root) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { root },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
