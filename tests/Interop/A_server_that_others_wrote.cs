using System.Net.WebSockets;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

[TestFixture("Kestrel", false)]
[TestFixture("Kestrel", true)]
[TestFixture("ws", false)]
[TestFixture("ws", true)]
[TestFixture("python3-websockets", false)]
[TestFixture("python3-websockets", true)]
public class A_server_that_others_wrote(string name, bool deflate)
{
    private static readonly string[] Texts =
    [
        "To be, or not to be, that is the question: to be, or not to be.", "你好，世界！你好，服务器！世界，你好！", "👋🏽 👩‍👩‍👧 𠮷 👋🏽 👩‍👩‍👧 𠮷", "",
    ];

    private CancellationTokenSource _bound = null!;
    private ForeignServer _server = null!;

    [OneTimeSetUp]
    public async Task StartServer() => _server = await ForeignServer.StartAsync(name, deflate);

    [OneTimeTearDown]
    public async Task StopServer()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [SetUp]
    public void StartBound() => _bound = new(TimeSpan.FromSeconds(120));

    [TearDown]
    public void EndBound() => _bound.Dispose();

    [Test]
    public async Task Sends_everything_back([Values("echo", "fragments")] string path, [Values] bool takeover)
    {
        await using var connection = await ConnectAsync(path, Options(takeover));
        (connection.Deflate is not null).Should().Be(deflate);

        // In seven pieces there is no empty message.
        foreach (var text in Texts.Where(text => path == "echo" || text.Length > 0))
        {
            await connection.SendAsync(text, _bound.Token);
            var echo = await connection.ReceiveAsync(_bound.Token);
            (echo.Type, echo.Text).Should().Be((WebSocketMessageType.Text, text));
        }

        int[] lengths = [1, 125, 126, 127, 65535, 65536, 1024 * 1024, 16 * 1024 * 1024];
        foreach (var kind in (string[])["pattern", "zeros", "random"])
        {
            foreach (var length in path == "echo" ? [0, .. lengths] : lengths)
            {
                await ShouldComeBackAsync(connection, Pattern.Bytes(length, kind), $"{length} bytes of {kind}");
            }
        }

        if (deflate)
        {
            connection.DeflateCounters.SentAfter.Should().BeLessThan(connection.DeflateCounters.SentBefore);
            connection.DeflateCounters.ReceivedAfter.Should().BeGreaterThan(connection.DeflateCounters.ReceivedBefore);
        }

        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure, cancellationToken: _bound.Token);
    }

    [Test]
    public async Task Sends_a_thousand_messages_back_in_their_order([Values] bool takeover)
    {
        await using var connection = await ConnectAsync("echo", Options(takeover));
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await connection.SendAsync($"你好, message {i}", _bound.Token);
            }
        });

        for (var i = 0; i < 1000; i++)
        {
            (await connection.ReceiveAsync(_bound.Token)).Text.Should().Be($"你好, message {i}");
        }

        await sending;
    }

    [Test]
    public async Task Takes_a_message_that_is_sent_in_fragments([Values] bool takeover)
    {
        await using var connection = await ConnectAsync("echo", Options(takeover));
        var bytes = Pattern.Bytes(1_000_000);

        using var content = new MemoryStream(bytes);
        await connection.SendAsync(content, WebSocketMessageType.Binary, _bound.Token);

        (await connection.ReceiveAsync(_bound.Token)).Span.SequenceEqual(bytes).Should().BeTrue();
    }

    [Test]
    public async Task Chooses_a_subprotocol_that_was_offered()
    {
        await using var connection = await ConnectAsync("echo", new() { SubProtocols = ["chat.v3", "chat.v2"] });
        await using var other = await ConnectAsync("echo");

        connection.SubProtocol.Should().Be("chat.v2");
        other.SubProtocol.Should().BeNull();
    }

    [Test]
    public async Task Gets_a_header_field()
    {
        await using var connection = await ConnectAsync("header", new() { Headers = [new("X-Test", "a value; of=\"its own\"")] });

        (await connection.ReceiveAsync(_bound.Token)).Text.Should().Be("a value; of=\"its own\"");
        connection.GetResponseHeaders().Should().Contain(field => field.Key.Equals("Sec-WebSocket-Accept", StringComparison.OrdinalIgnoreCase));
    }

    [TestCase(1000, "")]
    [TestCase(4001, "再见 👋")]
    public async Task Gets_the_close_code_and_answers_with_it(int code, string reason)
    {
        await using var connection = await ConnectAsync("echo");

        await connection.CloseAsync((WebSocketCloseStatus)code, reason, _bound.Token);

        await _server.ClosedAsync(code, reason);
        connection.Closure!.Status.Should().Be((WebSocketCloseStatus)code);
    }

    [Test]
    public async Task Closes_with_a_code_that_comes_here()
    {
        await using var connection = await ConnectAsync("close");

        await foreach (var message in connection.ReadAllAsync(_bound.Token))
        {
            message.Text.Should().BeEmpty("nothing is due");
        }

        (connection.CloseStatus, connection.CloseStatusDescription).Should().Be(((WebSocketCloseStatus)4002, "再见 👋"));
        await _server.ClosedAsync(4002, "");
    }

    // What is offered is not always taken.
    private static WebSocketClientOptions Options(bool takeover) => new()
    {
        MaxMessageSize = 64 * 1024 * 1024,
        Deflate = new() { ServerContextTakeover = takeover, ClientContextTakeover = takeover, MinMessageSize = 0 },
    };

    private Task<WebSocketConnection> ConnectAsync(string path, WebSocketClientOptions? options = null) =>
        WebSocketClient.ConnectAsync(_server.Url(path), options, _bound.Token);

    private async Task ShouldComeBackAsync(WebSocketConnection connection, byte[] bytes, string because)
    {
        var sending = connection.SendAsync(bytes, WebSocketMessageType.Binary, _bound.Token);
        var echo = await connection.ReceiveAsync(_bound.Token);
        echo.Type.Should().Be(WebSocketMessageType.Binary);
        echo.Span.SequenceEqual(bytes).Should().BeTrue(because);
        await sending;
    }
}
