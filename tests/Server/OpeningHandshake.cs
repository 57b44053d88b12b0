using System.Text;

using RawSocketChat.Framing;
using RawSocketChat.Handshake;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class OpeningHandshake : ServerFixture
{
    [Test]
    public async Task The_answer_is_the_one_of_the_RFC()
    {
        var server = await StartAsync();

        var answer = await AskAsync(server, RawClient.Request());

        answer.Status.Should().Be(101);
        answer.Headers.Should().Contain("Upgrade", "websocket").And.Contain("Connection", "Upgrade");
        answer.Headers.Should().Contain("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        answer.Headers.Should().NotContainKeys("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
    }

    [Test]
    public async Task The_request_that_opened_a_connection_is_found_again()
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            var request = connection.GetRequest();
            await connection.SendAsync($"{request.Path} {request.Query} {request.Header("X-Name")}", stopping);
        });
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync(RawClient.Request("X-Name: Ada\r\n", "/room/7?as=guest"));
        await client.ReadAnswerAsync();

        (await client.ReadTextAsync()).Should().MatchRegex(@"^/room/7 \??as=guest Ada$");
    }

    [Test]
    public async Task The_first_subprotocol_that_both_know_is_used_in_the_servers_order()
    {
        var server = await StartAsync(
            new WebSocketServerOptions { SubProtocols = ["b", "a"] },
            (connection, stopping) => connection.SendAsync(connection.SubProtocol ?? "none", stopping).AsTask());
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync(RawClient.Request("Sec-WebSocket-Protocol: x, a, b\r\n"));

        (await client.ReadAnswerAsync()).Headers.Should().Contain("Sec-WebSocket-Protocol", "b");
        (await client.ReadTextAsync()).Should().Be("b");
    }

    [Test]
    public async Task A_request_may_come_a_byte_at_a_time()
    {
        var server = await StartAsync();
        var client = await ConnectAsync(server);
        foreach (var one in Encoding.ASCII.GetBytes(RawClient.Request()))
        {
            await client.SendAsync([one]);
        }

        (await client.ReadAnswerAsync()).Status.Should().Be(101);
        await ShouldEchoAsync(client);
    }

    [Test]
    public async Task Frames_in_the_segment_of_the_request_are_read_as_the_first_messages()
    {
        var server = await StartAsync();
        var client = await ConnectAsync(server);

        await client.SendAsync([.. Encoding.ASCII.GetBytes(RawClient.Request()), .. RawClient.TextFrame("first"), .. RawClient.TextFrame("second")]);

        (await client.ReadAnswerAsync()).Status.Should().Be(101);
        (await client.ReadTextAsync()).Should().Be("first");
        (await client.ReadTextAsync()).Should().Be("second");
        await ShouldEchoAsync(client);
    }

    [Test]
    public async Task Half_a_frame_in_the_segment_of_the_request_is_kept_until_the_rest_comes()
    {
        var server = await StartAsync();
        var frame = RawClient.TextFrame("cut in two");
        for (var length = 1; length < frame.Length; length++)
        {
            var client = await ConnectAsync(server);
            await client.SendAsync([.. Encoding.ASCII.GetBytes(RawClient.Request()), .. frame[..length]]);
            (await client.ReadAnswerAsync()).Status.Should().Be(101);
            await client.SendAsync(frame[length..]);

            (await client.ReadTextAsync()).Should().Be("cut in two");
        }
    }

    [Test]
    public async Task Frames_in_the_segment_of_the_request_are_refused_where_the_option_says_so()
    {
        var handled = 0;
        var server = await StartAsync(
            new WebSocketServerOptions { RefuseEarlyFrames = true, LoggerFactory = Logs },
            async (connection, stopping) =>
            {
                Interlocked.Increment(ref handled);
                await EchoAsync(connection, stopping);
            });

        var refused = await AskAsync(server, RawClient.Request() + Encoding.Latin1.GetString(RawClient.TextFrame("early")));

        refused.Status.Should().Be(400);
        handled.Should().Be(0);
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task The_hook_refuses_with_its_own_status_fields_and_body()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnUpgrade = (request, _) => new(request.Header("Authorization") == "Basic b2s="
                ? null
                : HttpResponse.Text(401, "Who are you?", new KeyValuePair<string, string>("WWW-Authenticate", "Basic realm=\"room\""))),
        });

        var refused = await AskAsync(server, RawClient.Request());

        refused.Status.Should().Be(401);
        refused.Headers.Should().Contain("WWW-Authenticate", "Basic realm=\"room\"");
        refused.Body.Should().Be("Who are you?");
        await ShouldEchoAsync(await OpenAsync(server, headers: "Authorization: Basic b2s=\r\n"));
    }

    [Test]
    public async Task A_hook_that_throws_is_answered_with_500_and_logged_once([Values] bool atOnce)
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            LoggerFactory = Logs,
            OnUpgrade = atOnce
                ? (request, _) => request.Path == "/fine" ? default : throw new InvalidOperationException("secret detail")
                : async (request, _) =>
                {
                    await Task.Yield();
                    return request.Path == "/fine" ? null : throw new InvalidOperationException("secret detail");
                },
        });

        var answer = await AskAsync(server, RawClient.Request());

        answer.Status.Should().Be(500);
        answer.Body.Should().NotContain("secret");
        Logs.Of(LogRecorder.HookFailed).Should().ContainSingle().Which.Exception.Should().BeOfType<InvalidOperationException>();
        (await AskAsync(server, RawClient.Request(target: "/fine"))).Status.Should().Be(101);
    }

    [Test]
    public async Task A_hook_that_hangs_is_cut_at_the_deadline()
    {
        var time = new WatchedTime();
        var asked = new TaskCompletionSource();
        var server = await StartAsync(new WebSocketServerOptions
        {
            TimeProvider = time,
            HandshakeTimeout = TimeSpan.FromSeconds(7),
            LoggerFactory = Logs,
            OnUpgrade = async (_, _) =>
            {
                asked.TrySetResult();
                await new TaskCompletionSource().Task;
                return null;
            },
        });
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request());
        await asked.Task.Soon();

        time.Advance(TimeSpan.FromSeconds(7));

        (await client.ReadToEndAsync()).Should().Be(0);
        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
        Logs.Count(LogRecorder.HookFailed).Should().Be(0);
    }

    [Test]
    public async Task The_hooks_token_is_cancelled_at_the_deadline()
    {
        var time = new WatchedTime();
        var asked = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var server = await StartAsync(new WebSocketServerOptions
        {
            TimeProvider = time,
            HandshakeTimeout = TimeSpan.FromSeconds(7),
            OnUpgrade = async (_, deadline) =>
            {
                using var registration = deadline.Register(cancelled.SetResult);
                asked.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(deadline);
                return null;
            },
        });
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request());
        await asked.Task.Soon();

        time.Advance(TimeSpan.FromSeconds(7));

        await cancelled.Task.Soon();
        (await client.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task A_client_that_vanishes_while_the_hook_thinks_harms_nobody([Values] bool reset)
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<HttpResponse?>();
        var server = await StartAsync(new WebSocketServerOptions
        {
            LoggerFactory = Logs,
            OnUpgrade = async (request, _) =>
            {
                if (request.Path == "/fine")
                {
                    return null;
                }

                asked.TrySetResult();
                return await answer.Task;
            },
        });
        var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync(RawClient.Request());
        await asked.Task.Soon();
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Dispose();
        }

        answer.SetResult(null);

        await Logs.WaitForAsync(LogRecorder.Closed);
        server.Connections.Count.Should().Be(0);
        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
        (await AskAsync(server, RawClient.Request(target: "/fine"))).Status.Should().Be(101);
    }

    [Test]
    public async Task Nothing_that_the_client_sends_is_acted_on_before_the_hook_says_yes()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<HttpResponse?>();
        var received = 0;
        var server = await StartAsync(
            new WebSocketServerOptions
            {
                LoggerFactory = Logs,
                OnUpgrade = async (_, _) =>
                {
                    asked.TrySetResult();
                    return await answer.Task;
                },
            },
            async (connection, stopping) =>
            {
                Interlocked.Increment(ref received);
                await EchoAsync(connection, stopping);
            });
        var client = await ConnectAsync(server);
        await client.SendAsync(
            [.. Encoding.ASCII.GetBytes(RawClient.Request()), .. RawClient.Frame(Opcode.Ping, "p"u8), .. RawClient.TextFrame("early")]);
        await asked.Task.Soon();
        server.Connections.Count.Should().Be(0);
        server.Broadcast("not for strangers").Accepted.Should().Be(0);

        answer.SetResult(HttpResponse.Text(403, "No."));

        (await client.ReadAnswerAsync()).Status.Should().Be(403);
        (await client.ReadToEndAsync()).Should().Be(0, "neither a pong nor an echo is sent");
        received.Should().Be(0);
        Logs.Count(LogRecorder.Opened).Should().Be(0);
    }

    [Test]
    public async Task The_hook_is_not_asked_for_what_is_refused_anyway()
    {
        var asked = 0;
        var server = await StartAsync(new WebSocketServerOptions
        {
            AllowedOrigins = OriginPolicy.OneOf("https://example.com"),
            OnUpgrade = (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return default;
            },
        });

        (await AskAsync(server, RawClient.Request("Origin: https://evil.example\r\n"))).Status.Should().Be(403);
        (await AskAsync(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).Status.Should().Be(426);

        asked.Should().Be(0);
    }

    [TestCase("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n", 426)]
    [TestCase("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426)]
    [TestCase("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [TestCase("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n", 400)]
    public async Task Every_refusal_says_close_and_TCP_ends(string fields, int status)
    {
        var server = await StartAsync();

        (await AskAsync(server, $"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n")).Status.Should().Be(status);
    }

    [TestCase("nonsense\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\nHost: x\n\n")]
    [TestCase("GET / HTTP/1.1\r\nHost : x\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n")]
    [TestCase("GET / HTTP/1.0\r\nHost: x\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")]
    [TestCase("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task A_malformed_request_is_answered_and_TCP_ends(string request)
    {
        var server = await StartAsync();

        (await AskAsync(server, request)).Status.Should().BeInRange(400, 505);
    }

    [Test]
    public async Task A_refused_clients_next_request_on_the_same_connection_is_not_answered()
    {
        // A proxy that believes the tunnel is open would let this through.
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnHttpRequest = (_, _) => new(HttpResponse.Text(200, "hidden page")),
        });
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        var badVersion = RawClient.Request().Replace("Version: 13", "Version: 99", StringComparison.Ordinal);
        await client.SendAsync(badVersion + "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");

        (await client.ReadAnswerAsync()).Status.Should().Be(426);
        await client.SendAsync("GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");
        (await client.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task A_client_that_keeps_sending_after_a_refusal_still_gets_the_whole_answer()
    {
        var server = await StartAsync(new WebSocketServerOptions { OnUpgrade = (_, _) => new(HttpResponse.Text(403, new string('n', 10_000))) });
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync([.. Encoding.ASCII.GetBytes(RawClient.Request()), .. new byte[200_000]]);

        var answer = await client.ReadAnswerAsync();

        answer.Status.Should().Be(403);
        answer.Body.Should().HaveLength(10_000);
    }

    [TestCase(null, 101)]
    [TestCase("https://example.com", 101)]
    [TestCase("HTTPS://EXAMPLE.COM", 101)]
    [TestCase("https://example.com:443", 101)]
    [TestCase("null", 403)]
    [TestCase("http://example.com", 403)]
    [TestCase("https://example.com:444", 403)]
    [TestCase("https://sub.example.com", 403)]
    [TestCase("https://evil-example.com", 403)]
    [TestCase("https://example.com.evil", 403)]
    [TestCase("https://example.com@evil.example", 403)]
    [TestCase("https://xn--exmple-cua.com", 403)]
    [TestCase("", 403)]
    public async Task A_list_of_origins_is_compared_whole(string? origin, int status)
    {
        var server = await StartAsync(new WebSocketServerOptions { AllowedOrigins = OriginPolicy.OneOf("https://example.com") });

        (await AskAsync(server, RawClient.Request(origin is null ? "" : $"Origin: {origin}\r\n"))).Status.Should().Be(status);
    }

    [TestCase(null, 101)]
    [TestCase("http://localhost", 101)]
    [TestCase("http://localhost:8080", 403)]
    [TestCase("http://localhost.evil.example", 403)]
    [TestCase("http://evil-localhost", 403)]
    [TestCase("null", 403)]
    public async Task The_same_host_is_the_one_that_the_request_names(string? origin, int status)
    {
        var server = await StartAsync(new WebSocketServerOptions { AllowedOrigins = OriginPolicy.SameHost });

        (await AskAsync(server, RawClient.Request(origin is null ? "" : $"Origin: {origin}\r\n"))).Status.Should().Be(status);
    }

    [TestCase(null)]
    [TestCase("null")]
    [TestCase("https://anywhere.example")]
    public async Task By_default_every_origin_may_connect(string? origin)
    {
        var server = await StartAsync();

        (await AskAsync(server, RawClient.Request(origin is null ? "" : $"Origin: {origin}\r\n"))).Status.Should().Be(101);
    }

    [Test]
    public async Task Two_origins_are_none()
    {
        var server = await StartAsync(new WebSocketServerOptions { AllowedOrigins = OriginPolicy.OneOf("https://example.com") });

        (await AskAsync(server, RawClient.Request("Origin: https://example.com\r\nOrigin: https://example.com\r\n"))).Status.Should().BeInRange(400, 403);
    }

    [Test]
    public async Task Where_an_origin_is_required_its_absence_is_refused()
    {
        var server = await StartAsync(new WebSocketServerOptions { AllowedOrigins = OriginPolicy.OneOf("https://example.com").RequireOrigin() });

        (await AskAsync(server, RawClient.Request())).Status.Should().Be(403);
        (await AskAsync(server, RawClient.Request("Origin: https://example.com\r\n"))).Status.Should().Be(101);
    }
}
