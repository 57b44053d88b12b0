using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

internal sealed class Proxies : ClientFixture
{
    // Only the proxy can know it: a name that this machine resolved would give this away.
    private const string BehindTheProxy = "only.the.proxy.knows.invalid";

    [Test]
    public async Task A_tunnel_by_CONNECT_carries_ws()
    {
        var server = await StartAsync();
        string? head = null;
        var proxy = Serve(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 200 Connection established\r\nVia: 1.1 x\r\n\r\n");
            await peer.CarryAsync(server.LocalEndPoint.Port);
        });
        var connection = await ConnectAsync(new($"ws://{BehindTheProxy}/chat"), Through("http", proxy));

        await ShouldEchoAsync(connection);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
        head!.Split("\r\n")[0].Should().Be($"CONNECT {BehindTheProxy}:80 HTTP/1.1");
        ScriptedPeer.Field(head, "Host").Should().Be($"{BehindTheProxy}:80");
        ScriptedPeer.Field(head, "Proxy-Authorization").Should().BeNull();
    }

    [TestCase("http")]
    [TestCase("socks5")]
    public async Task A_tunnel_carries_wss_and_the_certificate_is_that_of_the_target(string scheme)
    {
        using var certificate = TestCertificate.Create();
        var server = await StartAsync(options: new() { ServerCertificate = certificate });
        var proxy = Serve(async peer =>
        {
            await (scheme == "http" ? TakeConnectAsync(peer) : TakeSocksAsync(peer));
            await peer.CarryAsync(server.LocalEndPoint.Port);
        });
        var connection = await ConnectAsync(new("wss://localhost/"), Through(scheme, proxy, tls: certificate));
        await ShouldEchoAsync(connection, new string('x', 100_000));
        await connection.DisposeAsync().AsTask().Soon();

        await ShouldFailAsync(WebSocketHandshakeFault.Tls, new($"wss://{BehindTheProxy}/"), Through(scheme, proxy, tls: certificate));
    }

    [Test]
    public async Task CONNECT_tells_a_user_and_a_password_by_Basic()
    {
        string? head = null;
        var proxy = Serve(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 5\r\n\r\nlogin");
        });

        var failure = await ShouldFailAsync(
            WebSocketHandshakeFault.ProxyAuthentication, new("ws://example.com/"), Through("http", proxy, new("user", "wrong")));

        failure.StatusCode.Should().Be(407);
        Encoding.UTF8.GetString(failure.Body.Span).Should().Be("login");
        ScriptedPeer.Field(head!, "Proxy-Authorization").Should().Be("Basic " + Convert.ToBase64String("user:wrong"u8));
    }

    [TestCase("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 403)]
    [TestCase("HTTP/1.1 502 Bad Gateway\r\n\r\n", 502)]
    [TestCase("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", 302)]
    [TestCase("HTTP/1.1 101 Switching Protocols\r\n\r\n", 101)]
    [TestCase("SSH-2.0-x\r\n", null)]
    [TestCase("HTTP/1.1 200", null)]
    [TestCase("", null)]
    [TestCase("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n", null)]
    public async Task A_proxy_that_does_not_open_the_tunnel_is_told_as_such(string answer, int? status)
    {
        var proxy = Answer(_ => answer);

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.Proxy, new("ws://example.com/"), Through("http", proxy));

        failure.StatusCode.Should().Be(status);
        await proxy.AllLetGoAsync();
    }

    [Test]
    public async Task SOCKS5_without_a_password_gets_the_name_to_resolve()
    {
        var server = await StartAsync();
        byte[]? greeting = null;
        byte[]? request = null;
        var proxy = Serve(async peer =>
        {
            greeting = await peer.ReadAsync(3);
            await peer.SendAsync(5, 0);
            request = await peer.ReadAsync(5 + BehindTheProxy.Length + 2);
            await peer.SendAsync(5, 0, 0, 1, 127, 0, 0, 1, 1, 2);
            await peer.CarryAsync(server.LocalEndPoint.Port);
        });
        var connection = await ConnectAsync(new($"ws://{BehindTheProxy}:8123/"), Through("socks5", proxy));

        await ShouldEchoAsync(connection);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
        greeting.Should().Equal(5, 1, 0);
        request.Should().Equal(
            [5, 1, 0, 3, (byte)BehindTheProxy.Length, .. Encoding.ASCII.GetBytes(BehindTheProxy), 8123 >> 8, 8123 & 255]);
    }

    [TestCase("127.0.0.1", new byte[] { 5, 1, 0, 1, 127, 0, 0, 1, 0, 80 })]
    [TestCase("[::1]", new byte[] { 5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80 })]
    public async Task SOCKS5_gets_an_address_as_one(string host, byte[] expected)
    {
        byte[]? request = null;
        var proxy = Serve(async peer =>
        {
            await peer.ReadAsync(3);
            await peer.SendAsync(5, 0);
            request = await peer.ReadAsync(expected.Length);
            await peer.SendAsync(5, 5, 0, 1, 0, 0, 0, 0, 0, 0);
        });

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.Proxy, new($"ws://{host}/"), Through("socks5", proxy));

        failure.Message.Should().Contain("refused the connection");
        request.Should().Equal(expected);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task SOCKS5_tells_a_user_and_a_password_where_it_is_asked_to(bool inUri)
    {
        var server = await StartAsync();
        byte[]? greeting = null;
        byte[]? login = null;
        var proxy = Serve(async peer =>
        {
            greeting = await peer.ReadAsync(4);
            await peer.SendAsync(5, 2);
            login = await peer.ReadAsync(3 + "user".Length + "päss".Length + 1);
            await peer.SendAsync(1, 0);
            await ReadSocksRequestAsync(peer);
            await peer.SendAsync([5, 0, 0, 3, 4, .. "host"u8, 0, 80]);
            await peer.CarryAsync(server.LocalEndPoint.Port);
        });
        var options = inUri
            ? Through(new WebProxy($"socks5://user:p%C3%A4ss@127.0.0.1:{proxy.Port}"))
            : Through("socks5", proxy, new("user", "päss"));
        var connection = await ConnectAsync(new($"ws://{BehindTheProxy}/"), options);

        await ShouldEchoAsync(connection);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
        greeting.Should().Equal(5, 2, 0, 2);
        login.Should().Equal([1, 4, .. "user"u8, 5, .. "päss"u8]);
    }

    [TestCase(new byte[] { 5, 255 }, WebSocketHandshakeFault.ProxyAuthentication)]
    [TestCase(new byte[] { 5, 2 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 4, 0 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5, 0, 5, 2, 0, 1 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5, 0, 5, 0, 0, 9 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5, 0, 4, 0, 0, 1 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5, 0, 5, 0, 0, 1, 1, 2 }, WebSocketHandshakeFault.Proxy)]
    [TestCase(new byte[] { 5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 72 }, WebSocketHandshakeFault.Proxy)]
    public async Task A_SOCKS5_proxy_that_does_not_open_the_tunnel_is_told_as_such(byte[] answers, WebSocketHandshakeFault fault)
    {
        var proxy = Serve(async peer =>
        {
            await peer.ReadAsync(3);
            await peer.SendAsync(answers);
            peer.End();
        });

        await ShouldFailAsync(fault, new("ws://example.com/"), Through("socks5", proxy));
        await proxy.AllLetGoAsync();
    }

    [Test]
    public async Task A_password_that_the_SOCKS5_proxy_does_not_take_is_told_as_such()
    {
        var proxy = Serve(async peer =>
        {
            await peer.ReadAsync(4);
            await peer.SendAsync(5, 2);
            await peer.ReadAsync(3 + 1 + 1);
            await peer.SendAsync(1, 1);
        });

        await ShouldFailAsync(WebSocketHandshakeFault.ProxyAuthentication, new("ws://example.com/"), Through("socks5", proxy, new("u", "p")));
        await ShouldFailAsync(
            WebSocketHandshakeFault.ProxyAuthentication, new("ws://example.com/"), Through("socks5", proxy, new(new string('u', 256), "p")));
    }

    [TestCase("http")]
    [TestCase("socks5")]
    public async Task The_connect_timeout_holds_for_a_proxy_that_says_nothing(string scheme)
    {
        var time = new WatchedTime();
        var asked = new TaskCompletionSource();
        var proxy = Serve(async peer =>
        {
            await peer.ReadAsync(1);
            asked.SetResult();
        });
        var connect = WebSocketClient.ConnectAsync(new("ws://example.com/"), new()
        {
            BufferPool = Pool,
            TimeProvider = time,
            ConnectTimeout = TimeSpan.FromSeconds(7),
            Proxy = new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}"),
        });
        await asked.Task.Soon();
        time.Advance(TimeSpan.FromSeconds(7));

        var wait = () => connect.Soon();
        (await wait.Should().ThrowAsync<WebSocketHandshakeException>()).Which.Fault.Should().Be(WebSocketHandshakeFault.Timeout);
        await proxy.AllLetGoAsync();
    }

    [Test]
    public async Task A_proxy_that_is_bypassed_is_not_asked()
    {
        var server = await StartAsync();
        var proxy = Serve(_ => Task.CompletedTask);
        var connection = await ConnectAsync(
            UriOf(server), Through(new WebProxy($"http://127.0.0.1:{proxy.Port}") { BypassList = ["127\\.0\\.0\\.1"] }));

        await ShouldEchoAsync(connection);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
        proxy.Accepted.Should().Be(0);
    }

    [TestCase("https")]
    [TestCase("socks4")]
    public async Task A_proxy_of_another_kind_is_refused(string scheme) =>
        await ShouldFailAsync(WebSocketHandshakeFault.Proxy, new("ws://example.com/"), Through(new WebProxy($"{scheme}://127.0.0.1:1")));

    [Test]
    public async Task A_proxy_that_is_not_there_is_a_connection_that_failed()
    {
        var gone = new ScriptedServer(_ => Task.CompletedTask);
        await gone.DisposeAsync();

        await ShouldFailAsync(WebSocketHandshakeFault.Connect, new("ws://example.com/"), Through("http", gone));
    }

    [Test]
    public async Task The_platforms_proxy_is_used_when_it_is_asked_for_and_only_then()
    {
        var server = await StartAsync();
        var proxy = Serve(async peer =>
        {
            await TakeConnectAsync(peer);
            await peer.CarryAsync(server.LocalEndPoint.Port);
        });
        var platforms = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy($"http://127.0.0.1:{proxy.Port}");
        try
        {
            var direct = await ConnectAsync(UriOf(server));
            await direct.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
            proxy.Accepted.Should().Be(0);

            var through = await ConnectAsync(new($"ws://{BehindTheProxy}/"), new() { BufferPool = Pool, UseSystemProxy = true });
            await ShouldEchoAsync(through);
            await through.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
            proxy.Accepted.Should().Be(1);
        }
        finally
        {
            HttpClient.DefaultProxy = platforms;
        }
    }

    private static async Task TakeConnectAsync(ScriptedPeer peer)
    {
        await peer.ReadHeadAsync();
        await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
    }

    private static async Task TakeSocksAsync(ScriptedPeer peer)
    {
        await peer.ReadAsync(3);
        await peer.SendAsync(5, 0);
        await ReadSocksRequestAsync(peer);
        await peer.SendAsync(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    }

    private static async Task ReadSocksRequestAsync(ScriptedPeer peer)
    {
        var length = (await peer.ReadAsync(5))[4];
        await peer.ReadAsync(length + 2);
    }

    private WebSocketClientOptions Through(string scheme, ScriptedServer proxy, NetworkCredential? credentials = null, X509Certificate2? tls = null) =>
        Through(new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}") { Credentials = credentials }, tls);

    private WebSocketClientOptions Through(IWebProxy proxy, X509Certificate2? tls = null) =>
        new() { BufferPool = Pool, Proxy = proxy, Tls = tls is null ? null : Trust(tls) };
}
