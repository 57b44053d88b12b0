using System.Net;
using System.Text;

using RawSocketChat.Client.Tests.Support;
using RawSocketChat.Handshake;

namespace RawSocketChat.Client.Tests;

/// <summary>Each thing that a server can do wrong before there is a connection has a fault of its own, and leaves nothing behind.</summary>
internal sealed class HostileServers : ClientFixture
{
    private const string Upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

    public static IEnumerable<TestCaseData> Answers()
    {
        yield return Case("a redirect", WebSocketHandshakeFault.RefusedStatus, "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1/\r\n\r\n");
        yield return Case("a page", WebSocketHandshakeFault.RefusedStatus, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        yield return Case("an old answer", WebSocketHandshakeFault.RefusedStatus, "HTTP/1.0 502 Bad Gateway\r\n\r\n");
        yield return Case("no accept key", WebSocketHandshakeFault.AcceptKey, Upgrade + "\r\n");
        yield return Case("the RFC's accept key", WebSocketHandshakeFault.AcceptKey, Upgrade + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        yield return Case("two accept keys", WebSocketHandshakeFault.AcceptKey, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("the accept key in capitals", WebSocketHandshakeFault.AcceptKey, Upgrade + "Sec-WebSocket-Accept: {1}\r\n\r\n");
        yield return Case("no Upgrade", WebSocketHandshakeFault.UpgradeHeaders, "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("another Upgrade", WebSocketHandshakeFault.UpgradeHeaders, "HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("two Upgrades", WebSocketHandshakeFault.UpgradeHeaders, Upgrade + "Upgrade: websocket\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("no Connection", WebSocketHandshakeFault.UpgradeHeaders, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("a Connection that only looks so", WebSocketHandshakeFault.UpgradeHeaders, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgraded\r\nSec-WebSocket-Accept: {0}\r\n\r\n");
        yield return Case("an extension", WebSocketHandshakeFault.Extension, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
        yield return Case("no extension at all", WebSocketHandshakeFault.Extension, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Extensions:\r\n\r\n");
        yield return Case("a subprotocol never offered", WebSocketHandshakeFault.SubProtocol, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n");
        yield return Case("a subprotocol in another case", WebSocketHandshakeFault.SubProtocol, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Protocol: CHAT\r\n\r\n");
        yield return Case("two subprotocols in a line", WebSocketHandshakeFault.SubProtocol, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Protocol: chat, chat\r\n\r\n");
        yield return Case("two subprotocols in two lines", WebSocketHandshakeFault.SubProtocol, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
        yield return Case("an empty subprotocol", WebSocketHandshakeFault.SubProtocol, Upgrade + "Sec-WebSocket-Accept: {0}\r\nSec-WebSocket-Protocol:\r\n\r\n");
        yield return Case("another protocol's greeting", WebSocketHandshakeFault.MalformedResponse, "SSH-2.0-OpenSSH_9.6\r\n");
        yield return Case("TLS", WebSocketHandshakeFault.MalformedResponse, "\u0015\u0003\u0003\u0000\u0002\u0002\u0046");
        yield return Case("another version", WebSocketHandshakeFault.MalformedResponse, "HTTP/2 101\r\n\r\n");
        yield return Case("a 101 of HTTP/1.0", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        yield return Case("no status", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 abc\r\n\r\n");
        yield return Case("a status of four digits", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 1010 X\r\n\r\n");
        yield return Case("a line that ends with LF", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\n\n");
        yield return Case("a folded field", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\r\nA: b\r\n c\r\n\r\n");
        yield return Case("a field without colon", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\r\nUpgrade\r\n\r\n");
        yield return Case("a name with a blank", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\r\nUpgrade : websocket\r\n\r\n");
        yield return Case("a NUL", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\r\nA: b\0c\r\n\r\n");
        yield return Case("a CR within", WebSocketHandshakeFault.MalformedResponse, "HTTP/1.1 101 X\r\nA: b\rc\r\n\r\n");
        yield return Case("an early end", WebSocketHandshakeFault.ConnectionLost, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso");
        yield return Case("nothing at all", WebSocketHandshakeFault.ConnectionLost, "");
    }

    [TestCaseSource(nameof(Answers))]
    public async Task An_answer_that_opens_no_connection_is_told_by_what(WebSocketHandshakeFault fault, string answer)
    {
        var server = Answer(request =>
        {
            var key = ScriptedPeer.AcceptKeyFor(request);
            return answer.Replace("{0}", key, StringComparison.Ordinal).Replace("{1}", key.ToUpperInvariant(), StringComparison.Ordinal);
        });

        await ShouldFailAsync(fault, server.Uri, new() { BufferPool = Pool, SubProtocols = ["chat"] });

        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_refusal_is_told_with_its_status_its_fields_and_its_content()
    {
        var server = Answer(_ => "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 9\r\n\r\nwho's it?, and more");

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.Uri);

        failure.StatusCode.Should().Be(401);
        failure.Headers.Should().Contain(new KeyValuePair<string, string>("WWW-Authenticate", "Basic realm=\"x\""));
        Text(failure).Should().Be("who's it?");
    }

    [TestCase("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", "hello world")]
    [TestCase("5\r\nhello\r\n", "hello")]
    [TestCase("5\r\nhel", "hel")]
    [TestCase("zz\r\nhello", "")]
    [TestCase("FFFFFFFF\r\nhello", "hello")]
    [TestCase("FFFFFFFFFFFFFFFFFF\r\nhello", "")]
    public async Task Chunks_are_put_together(string chunks, string content)
    {
        var server = Answer(_ => "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);

        Text(await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.Uri)).Should().Be(content);
    }

    [Test]
    public async Task A_content_that_ends_with_the_connection_is_read_to_its_end()
    {
        var server = Answer(_ => "HTTP/1.1 500 Oops\r\n\r\nuntil the end");

        Text(await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.Uri)).Should().Be("until the end");
    }

    [TestCase("")]
    [TestCase("Content-Length: 99999999999\r\n")]
    [TestCase("Transfer-Encoding: chunked\r\n")]
    public async Task Of_a_content_that_never_stops_4_KiB_are_read(string lines)
    {
        var server = Serve(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync($"HTTP/1.1 500 Oops\r\n{lines}\r\n");
            while (true)
            {
                await peer.SendAsync(lines.StartsWith('T') ? "10\r\n0123456789abcdef\r\n" : "0123456789abcdef");
            }
        });

        var failure = await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.Uri);

        failure.Body.Length.Should().Be(4096);
        Text(failure).Should().StartWith("0123456789abcdef0123456789abcdef");
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_content_that_stalls_does_not_hide_the_status()
    {
        var time = new WatchedTime();
        var server = Serve(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 403 No\r\nSet-Cookie: a=1\r\nContent-Length: 100\r\n\r\nonly this");
        });
        var cookies = new CookieContainer();
        var connect = WebSocketClient.ConnectAsync(
            server.Uri, new() { BufferPool = Pool, TimeProvider = time, HandshakeTimeout = TimeSpan.FromSeconds(7), Cookies = cookies });

        // The cookie tells that the head has been read.
        await Waiting.UntilAsync(() => cookies.Count == 1);

        time.Advance(TimeSpan.FromSeconds(7));

        var wait = () => connect.Soon();
        var failure = (await wait.Should().ThrowAsync<WebSocketHandshakeException>()).Which;
        failure.StatusCode.Should().Be(403);
        "only this".Should().StartWith(Text(failure));
    }

    [Test]
    public async Task A_head_without_end_is_cut_at_its_limit()
    {
        await ShouldBeTooLargeAsync("HTTP/1.1 101 X\r\n", "A: b\r\n", new() { MaxTotalSize = 1000 });
        await ShouldBeTooLargeAsync("HTTP/1.1 101 X\r\n", "A: b\r\n", new() { MaxHeaderCount = 10 });
        await ShouldBeTooLargeAsync("HTTP/1.1 101 X\r\nA: ", "b", new() { MaxLineLength = 100 });
        await ShouldBeTooLargeAsync("HTTP/1.1 101 ", "x", new() { MaxLineLength = 100 });
    }

    [Test]
    public async Task Interim_answers_without_end_are_too()
    {
        await ShouldBeTooLargeAsync("", "HTTP/1.1 100 Continue\r\n\r\n", new());
    }

    [Test]
    public async Task A_byte_a_second_does_not_extend_the_deadline()
    {
        var time = new WatchedTime();
        var next = new SemaphoreSlim(0);
        var server = Serve(async peer =>
        {
            await peer.ReadHeadAsync();
            foreach (var one in Encoding.ASCII.GetBytes("HTTP/1.1 101"))
            {
                await peer.SendAsync(one);
                next.Release();
                await Task.Yield();
            }
        });
        var connect = WebSocketClient.ConnectAsync(
            server.Uri, new() { BufferPool = Pool, TimeProvider = time, HandshakeTimeout = TimeSpan.FromSeconds(7) });
        for (var second = 0; second < 7; second++)
        {
            await next.WaitAsync().Soon();
            connect.IsCompleted.Should().BeFalse();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await ShouldTimeOutAsync(connect);
        time.TimersSet(TimeSpan.FromSeconds(7)).Should().Be(1);
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_server_that_takes_the_connection_and_says_nothing_is_left_at_the_deadline()
    {
        var time = new WatchedTime();
        var server = Serve(peer => peer.ReadHeadAsync());
        var connect = WebSocketClient.ConnectAsync(
            server.Uri, new() { BufferPool = Pool, TimeProvider = time, HandshakeTimeout = TimeSpan.FromSeconds(7) });
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(7));
        time.Advance(TimeSpan.FromSeconds(7));

        await ShouldTimeOutAsync(connect);
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_server_that_resets_the_connection_is_a_loss()
    {
        var server = Serve(async peer =>
        {
            await peer.ReadHeadAsync();
            peer.Reset();
        });

        await ShouldFailAsync(WebSocketHandshakeFault.ConnectionLost, server.Uri);
    }

    [Test]
    public async Task Nobody_there_is_told_as_such()
    {
        var server = new ScriptedServer(_ => Task.CompletedTask);
        var uri = server.Uri;
        await server.DisposeAsync();

        await ShouldFailAsync(WebSocketHandshakeFault.Connect, uri);
    }

    [Test]
    public async Task A_name_that_does_not_exist_is_told_as_such()
    {
        // RFC 6761 §6.4: "invalid." names never resolve.
        await ShouldFailAsync(WebSocketHandshakeFault.NameResolution, new("ws://nowhere.invalid/"));
    }

    [Test]
    public async Task A_callback_that_does_not_connect_is_a_connection_that_failed()
    {
        foreach (var failure in new Exception[] { new IOException("x"), new TaskCanceledException("x"), new InvalidOperationException("x") })
        {
            var options = new WebSocketClientOptions { BufferPool = Pool, ConnectCallback = (_, _) => throw failure };
            (await ShouldFailAsync(WebSocketHandshakeFault.Connect, new("ws://example.com/"), options)).InnerException.Should().BeSameAs(failure);
        }

        await ShouldFailAsync(
            WebSocketHandshakeFault.Connect, new("ws://example.com/"), new() { BufferPool = Pool, ConnectCallback = (_, _) => new((Transport)null!) });
    }

    [Test]
    public async Task The_connect_timeout_holds_for_a_callback_that_does_not_look_at_its_token()
    {
        var time = new WatchedTime();
        var never = new TaskCompletionSource<Transport>();
        var connect = WebSocketClient.ConnectAsync(new("ws://example.com/"), new()
        {
            BufferPool = Pool,
            TimeProvider = time,
            ConnectTimeout = TimeSpan.FromSeconds(7),
            ConnectCallback = (_, _) => new(never.Task),
        });
        time.Advance(TimeSpan.FromSeconds(7));

        await ShouldTimeOutAsync(connect);
    }

    private static string Text(WebSocketHandshakeException failure) => Encoding.UTF8.GetString(failure.Body.Span);

    private static TestCaseData Case(string name, WebSocketHandshakeFault fault, string answer) =>
        new TestCaseData(fault, answer).SetArgDisplayNames(name);

    private static async Task ShouldTimeOutAsync(Task connect)
    {
        var wait = () => connect.Soon();
        (await wait.Should().ThrowAsync<WebSocketHandshakeException>()).Which.Fault.Should().Be(WebSocketHandshakeFault.Timeout);
    }

    private async Task ShouldBeTooLargeAsync(string start, string forEver, HandshakeLimits limits)
    {
        var server = Serve(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync(start);
            while (true)
            {
                await peer.SendAsync(forEver);
            }
        });

        await ShouldFailAsync(WebSocketHandshakeFault.HeadTooLarge, server.Uri, new() { BufferPool = Pool, HandshakeLimits = limits });
        await server.AllLetGoAsync();
    }
}
