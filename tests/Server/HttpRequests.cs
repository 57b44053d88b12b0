using System.Text;

using RawSocketChat.Handshake;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class HttpRequests : ServerFixture
{
    private const string Get = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";

    [Test]
    public async Task Without_a_hook_the_answer_is_that_an_upgrade_is_required()
    {
        var server = await StartAsync();

        var answer = await AskAsync(server, Get);

        answer.Status.Should().Be(426);
        answer.Headers.Should().Contain("Upgrade", "websocket");
    }

    // RFC 9110 §9.3.2: "The HEAD method is identical to GET except that the server MUST NOT send content in the response."
    [TestCase(true, 405)]
    [TestCase(false, 426)]
    public async Task The_answer_to_HEAD_has_no_content(bool hasHook, int status)
    {
        var server = await StartAsync(new WebSocketServerOptions { OnHttpRequest = hasHook ? (_, _) => default : null });

        var answer = await AskAsync(server, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");

        answer.Status.Should().Be(status);
        answer.Body.Should().BeEmpty();
    }

    [Test]
    public async Task The_hook_answers_a_GET()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnHttpRequest = (request, _) => new(request.Path == "/page" ? HttpResponse.Html("<p>hello"u8.ToArray()) : null),
        });

        var answer = await AskAsync(server, Get);

        answer.Status.Should().Be(200);
        answer.Body.Should().Be("<p>hello");
        answer.Headers["Content-Type"].Should().StartWith("text/html");
    }

    [Test]
    public async Task A_large_page_arrives_whole()
    {
        var page = new string('x', 3_000_000);
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnHttpRequest = (_, _) => new(HttpResponse.Html(Encoding.ASCII.GetBytes(page))),
        });

        (await AskAsync(server, Get)).Body.Should().HaveLength(page.Length);
    }

    [Test]
    public async Task What_the_hook_does_not_know_is_not_found()
    {
        var server = await StartAsync(new WebSocketServerOptions { OnHttpRequest = (_, _) => default });

        (await AskAsync(server, Get)).Status.Should().Be(404);
    }

    [TestCase("POST")]
    [TestCase("HEAD")]
    [TestCase("OPTIONS")]
    [TestCase("DELETE")]
    public async Task Only_GET_is_served_and_the_hook_is_not_asked_for_others(string method)
    {
        var asked = 0;
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnHttpRequest = (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return new(HttpResponse.Text(200, "wrong"));
            },
        });
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\n\r\n");

        var answer = await client.ReadAnswerAsync();

        answer.Status.Should().Be(405);
        answer.Headers.Should().Contain("Allow", "GET").And.Contain("Connection", "close");
        await client.ReadToEndAsync();
        asked.Should().Be(0);
    }

    [Test]
    public async Task A_hook_that_throws_is_answered_with_500()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            LoggerFactory = Logs,
            OnHttpRequest = (_, _) => throw new InvalidOperationException("secret"),
        });

        var answer = await AskAsync(server, Get);

        answer.Status.Should().Be(500);
        answer.Body.Should().NotContain("secret");
        Logs.Count(LogRecorder.HookFailed).Should().Be(1);
    }

    [Test]
    public async Task A_page_and_a_WebSocket_share_a_port()
    {
        var server = await StartAsync(new WebSocketServerOptions { OnHttpRequest = (_, _) => new(HttpResponse.Text(200, "well")) });

        (await AskAsync(server, Get)).Body.Should().Be("well");
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task A_client_of_the_framework_is_answered()
    {
        var server = await StartAsync(new WebSocketServerOptions { OnHttpRequest = (_, _) => new(HttpResponse.Text(200, "well")) });
        using var client = new HttpClient { Timeout = Waiting.Bound };

        (await client.GetStringAsync(new Uri($"http://{server.LocalEndPoint}/health"))).Should().Be("well");
    }
}
