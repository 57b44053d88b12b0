using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

internal sealed class OpeningHandshake_4_1 : ClientFixture
{
    [Test]
    public async Task A_message_goes_to_our_server_and_back()
    {
        var server = await StartAsync();
        var connection = await ConnectAsync(UriOf(server));

        await ShouldEchoAsync(connection, "你好 👋");
        connection.State.Should().Be(WebSocketState.Open);
        connection.RemoteEndPoint.Should().Be(server.LocalEndPoint);
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye").AsTask().Soon();
        connection.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
    }

    [Test]
    public async Task A_large_message_goes_both_ways()
    {
        var server = await StartAsync();
        var connection = await ConnectAsync(UriOf(server));

        await ShouldEchoAsync(connection, new string('x', 900_000));
    }

    [Test]
    public async Task The_request_is_what_the_RFC_asks_for_and_no_more()
    {
        string? request = null;
        var server = Serve(peer => peer.OpenAsync(read: head => request = head));
        var connection = await ConnectAsync(new($"ws://127.0.0.1:{server.Port}/chat?room=1"));
        connection.Abort();

        request!.Split("\r\n")[0].Should().Be("GET /chat?room=1 HTTP/1.1");
        ScriptedPeer.Field(request, "Host").Should().Be($"127.0.0.1:{server.Port}");
        ScriptedPeer.Field(request, "Upgrade").Should().Be("websocket");
        ScriptedPeer.Field(request, "Connection").Should().Be("Upgrade");
        ScriptedPeer.Field(request, "Sec-WebSocket-Version").Should().Be("13");
        Convert.FromBase64String(ScriptedPeer.Field(request, "Sec-WebSocket-Key")!).Should().HaveCount(16);
        request.Split("\r\n").Should().HaveCount(8, "a request line, five fields, and the empty line's two ends");
    }

    [Test]
    public async Task Each_request_has_a_key_of_its_own()
    {
        var keys = new HashSet<string>();
        var server = Serve(peer => peer.OpenAsync(read: head => keys.Add(ScriptedPeer.Field(head, "Sec-WebSocket-Key")!)));
        for (var i = 1; i <= 20; i++)
        {
            (await ConnectAsync(server.Uri)).Abort();
            keys.Should().HaveCount(i);
        }
    }

    [Test]
    public async Task What_the_options_ask_for_is_told()
    {
        string? request = null;
        var server = Serve(peer => peer.OpenAsync("Sec-WebSocket-Protocol: chat.v1\r\nX-Session: 7\r\n", head => request = head));
        var cookies = new CookieContainer();
        cookies.Add(new Uri($"http://127.0.0.1:{server.Port}/"), new Cookie("id", "42"));
        var connection = await ConnectAsync(server.Uri, new()
        {
            BufferPool = Pool,
            SubProtocols = ["chat.v2", "chat.v1"],
            Headers = [new("X-One", "1"), new("X-Two", "two words")],
            Cookies = cookies,
            Credentials = new NetworkCredential("Aladdin", "öpen"),
            Origin = "https://example.com",
        });

        connection.SubProtocol.Should().Be("chat.v1");
        connection.GetResponseHeaders().Should().Contain(new KeyValuePair<string, string>("X-Session", "7"));
        connection.Abort();
        ScriptedPeer.Field(request!, "Sec-WebSocket-Protocol").Should().Be("chat.v2, chat.v1");
        ScriptedPeer.Field(request!, "X-One").Should().Be("1");
        ScriptedPeer.Field(request!, "X-Two").Should().Be("two words");
        ScriptedPeer.Field(request!, "Cookie").Should().Be("id=42");
        ScriptedPeer.Field(request!, "Authorization").Should().Be("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("Aladdin:öpen")));
        ScriptedPeer.Field(request!, "Origin").Should().Be("https://example.com");
    }

    [Test]
    public async Task Cookies_are_kept_from_a_101_and_from_a_refusal_and_a_broken_one_is_left_out()
    {
        var cookies = new CookieContainer();
        var options = new WebSocketClientOptions { BufferPool = Pool, Cookies = cookies };
        var server = Serve(async peer =>
        {
            var request = await peer.ReadHeadAsync();
            await peer.SendAsync(ScriptedPeer.Field(request, "Cookie") is null
                ? "HTTP/1.1 401 No\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: =;;=\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"
                : ScriptedPeer.Accept(request, "Set-Cookie: a=3; Path=/\r\n"));
        });

        await ShouldFailAsync(WebSocketHandshakeFault.RefusedStatus, server.Uri, options);
        cookies.GetCookieHeader(new($"http://127.0.0.1:{server.Port}/")).Should().Contain("a=1").And.Contain("b=2");
        (await ConnectAsync(server.Uri, options)).Abort();
        cookies.GetCookieHeader(new($"http://127.0.0.1:{server.Port}/")).Should().Contain("a=3").And.Contain("b=2");
    }

    [Test]
    public async Task A_cookie_that_is_no_ASCII_splits_no_request_and_stops_no_attempt()
    {
        string? request = null;
        var cookies = new CookieContainer();
        var server = Serve(peer => peer.OpenAsync(read: head => request = head));
        cookies.SetCookies(new($"http://127.0.0.1:{server.Port}/"), "id=\u00E9\u0085x");

        (await ConnectAsync(server.Uri, new() { BufferPool = Pool, Cookies = cookies })).Abort();

        ScriptedPeer.Field(request!, "Cookie").Should().Be("id=??x");
    }

    [Test]
    public async Task Frames_that_come_along_with_the_101_are_the_connections()
    {
        var server = Serve(async peer =>
        {
            var request = await peer.ReadHeadAsync();
            await peer.SendAsync(ScriptedPeer.Accept(request) + "\u0081\u0003one\u0081\u0003two");
        });
        var connection = await ConnectAsync(server.Uri);

        (await connection.ReceiveAsync().Soon()).Text.Should().Be("one");
        (await connection.ReceiveAsync().Soon()).Text.Should().Be("two");
        connection.Abort();
    }

    [Test]
    public async Task An_answer_that_comes_byte_by_byte_is_the_same_answer()
    {
        var server = Serve(async peer =>
        {
            var request = await peer.ReadHeadAsync();
            foreach (var one in Encoding.Latin1.GetBytes(ScriptedPeer.Accept(request) + "\u0081\u0005hello"))
            {
                await peer.SendAsync(one);
            }
        });
        var connection = await ConnectAsync(server.Uri);

        (await connection.ReceiveAsync().Soon()).Text.Should().Be("hello");
        connection.Abort();
    }

    [Test]
    public async Task Interim_answers_are_passed_over()
    {
        var server = Serve(async peer =>
        {
            var request = await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ScriptedPeer.Accept(request));
        });

        (await ConnectAsync(server.Uri)).Abort();
    }

    [Test]
    public async Task Names_and_tokens_of_the_answer_are_taken_in_any_case_and_the_reason_may_be_missing()
    {
        var server = Answer(request =>
            $"HTTP/1.1 101\r\nUPGRADE: WebSocket\r\nconnection: keep-alive, upgrade\r\nsec-websocket-accept:{ScriptedPeer.AcceptKeyFor(request)}\r\n\r\n");

        (await ConnectAsync(server.Uri)).Abort();
    }

    [Test]
    public async Task A_server_may_choose_no_subprotocol()
    {
        var server = await StartAsync();
        var connection = await ConnectAsync(UriOf(server), new() { BufferPool = Pool, SubProtocols = ["chat"] });

        connection.SubProtocol.Should().BeNull();
        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure).AsTask().Soon();
    }

    [Test]
    public async Task A_masked_frame_from_the_server_ends_the_connection_with_1002()
    {
        var server = Serve(async peer =>
        {
            await peer.OpenAsync();
            await peer.SendAsync(0x81, 0x81, 1, 2, 3, 4, (byte)('x' ^ 1));
            (await peer.ReadAsync(2))[0].Should().Be(0x88);
            peer.End();
        });
        var connection = await ConnectAsync(server.Uri);

        // RFC 6455 §5.1: "A client MUST close a connection if it detects a masked frame."
        var receive = () => connection.ReceiveAsync().Soon();
        (await receive.Should().ThrowAsync<ConnectionClosedException>()).Which.Closure!.Status.Should().Be(WebSocketCloseStatus.ProtocolError);
    }

    [Test]
    public async Task Another_transport_may_carry_it()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rawsocketchat-{Guid.NewGuid():N}.sock");
        using var listener = new Socket(
            AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var endPoint = new UnixDomainSocketEndPoint(path);
        listener.Bind(endPoint);
        listener.Listen();
        var serve = Task.Run(async () =>
        {
            await using var peer = new ScriptedPeer(await listener.AcceptAsync());
            await peer.OpenAsync();
            await peer.SendAsync("\u0081\u0002hi");
            await peer.ReadToEndAsync();
        });
        DnsEndPoint? asked = null;
        var connection = await ConnectAsync(new("ws://somewhere/"), new()
        {
            BufferPool = Pool,
            ConnectCallback = async (target, cancellationToken) =>
            {
                asked = target;
                var socket = new Socket(
                    AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(endPoint, cancellationToken);
                return new SocketTransport(socket, Pool);
            },
        });

        (await connection.ReceiveAsync().Soon()).Text.Should().Be("hi");
        asked.Should().Be(new DnsEndPoint("somewhere", 80));
        connection.Abort();
        await connection.DisposeAsync().AsTask().Soon();
        await serve.Soon();
        File.Delete(path);
    }
}
