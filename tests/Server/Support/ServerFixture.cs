using RawSocketChat.Framing;

namespace RawSocketChat.Server.Tests.Support;

/// <summary>Starts servers on loopback ports that the system chooses, and ends everything when the test ends.</summary>
internal abstract class ServerFixture
{
    private readonly List<object> _owned = [];

    protected LogRecorder Logs { get; private set; } = new();

    [SetUp]
    public void StartLogs() => Logs = new();

    [TearDown]
    public async Task EndAllAsync()
    {
        // Clients first: a server that stops would wait for those that do not answer.
        foreach (var client in _owned.OfType<IDisposable>().Where(one => one is not IAsyncDisposable))
        {
            client.Dispose();
        }

        foreach (var server in _owned.OfType<WebSocketServer>())
        {
            await server.DisposeAsync().AsTask().Soon();
        }

        _owned.Clear();
    }

    /// <summary>Sends everything back.</summary>
    protected static async Task EchoAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            await connection.SendAsync(message.Payload, message.Type, stopping);
        }
    }

    /// <summary>Reads until the connection's end.</summary>
    protected static async Task ListenAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            _ = message;
        }
    }

    protected T Own<T>(T owned)
        where T : class
    {
        lock (_owned)
        {
            _owned.Add(owned);
        }

        return owned;
    }

    protected async Task<WebSocketServer> StartAsync(WebSocketServerOptions options, WebSocketHandler? handler = null)
    {
        var server = Own(new WebSocketServer(options, handler ?? EchoAsync));
        await server.StartAsync();
        return server;
    }

    protected Task<WebSocketServer> StartAsync(WebSocketHandler? handler = null) => StartAsync(new() { LoggerFactory = Logs }, handler);

    protected async Task<RawClient> ConnectAsync(WebSocketServer server, int? receiveBuffer = null) =>
        Own(await RawClient.ConnectAsync(server.LocalEndPoint, receiveBuffer));

    protected async Task<RawClient> OpenAsync(WebSocketServer server, int? receiveBuffer = null, string headers = "") =>
        Own(await RawClient.OpenAsync(server.LocalEndPoint, receiveBuffer, headers));

    /// <summary>Sends a request as it is and tells the answer, and that TCP ends behind it.</summary>
    protected async Task<HttpAnswer> AskAsync(WebSocketServer server, string request)
    {
        using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
        await client.SendAsync(request);
        var answer = await client.ReadAnswerAsync();
        if (answer.Status != 101)
        {
            answer.Headers["Connection"].Split(", ").Should().Contain("close");
            (await client.ReadToEndAsync()).Should().Be(0, "nothing follows an answer");
        }

        return answer;
    }

    /// <summary>An echo shows that a connection lives, and that all that was sent on it before was handled.</summary>
    protected static async Task ShouldEchoAsync(RawClient client, string text = "still here")
    {
        await client.SendTextAsync(text);
        var frame = await client.ReadFrameAsync();
        frame.Opcode.Should().Be(Opcode.Text);
        frame.Text.Should().Be(text);
    }
}
