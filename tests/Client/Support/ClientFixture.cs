using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;


namespace RawSocketChat.Client.Tests.Support;

/// <summary>
/// Starts servers on loopback ports that the system chooses; at a test's end everything is ended, each connection must have been let go and
/// each buffer given back.
/// </summary>
internal abstract class ClientFixture
{
    private readonly List<IAsyncDisposable> _owned = [];

    protected TrackingPool Pool { get; private set; } = new();

    [SetUp]
    public void StartPool() => Pool = new();

    [TearDown]
    public async Task EndAllAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync().AsTask().Soon();
        }

        _owned.Clear();
        await Waiting.UntilAsync(() => Pool.Out == 0);
        Pool.Faults.Should().BeEmpty();
    }

    /// <summary>Trusts that certificate and no other; its name counts.</summary>
    protected static SslClientAuthenticationOptions Trust(X509Certificate2 certificate) => new()
    {
        CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    protected T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        lock (_owned)
        {
            _owned.Add(owned);
        }

        return owned;
    }

    protected ScriptedServer Serve(Func<ScriptedPeer, Task> script) => Own(new ScriptedServer(script));

    /// <summary>A server that answers each request so.</summary>
    protected ScriptedServer Answer(Func<string, string> answer) => Serve(async peer =>
    {
        var request = await peer.ReadHeadAsync();
        await peer.SendAsync(answer(request));
        peer.End();
    });

    protected async Task<WebSocketServer> StartAsync(WebSocketHandler? handler = null, WebSocketServerOptions? options = null)
    {
        var server = Own(new WebSocketServer(options ?? new(), handler ?? EchoAsync));
        await server.StartAsync();
        return server;
    }

    protected async Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketClientOptions? options = null) =>
        Own(await WebSocketClient.ConnectAsync(uri, options ?? Options()).Soon());

    /// <summary>The attempt must fail so; nothing may be left.</summary>
    protected async Task<WebSocketHandshakeException> ShouldFailAsync(
        WebSocketHandshakeFault fault, Uri uri, WebSocketClientOptions? options = null)
    {
        var connect = () => WebSocketClient.ConnectAsync(uri, options ?? Options()).Soon();
        var failure = (await connect.Should().ThrowAsync<WebSocketHandshakeException>()).Which;
        failure.Fault.Should().Be(fault, failure.Message);
        Pool.Out.Should().Be(0, "what was rented is given back before the failure is told");
        return failure;
    }

    protected WebSocketClientOptions Options() => new() { BufferPool = Pool };

    protected static Uri UriOf(WebSocketServer server, string scheme = "ws") =>
        new($"{scheme}://{(scheme == "wss" ? "localhost" : "127.0.0.1")}:{server.LocalEndPoint.Port}/");

    protected static async Task EchoAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            await connection.SendAsync(message, stopping);
        }
    }

    protected static async Task ShouldEchoAsync(WebSocketConnection connection, string text = "still here")
    {
        await connection.SendAsync(text);
        var echo = await connection.ReceiveAsync().Soon();
        echo.Type.Should().Be(WebSocketMessageType.Text);
        echo.Text.Should().Be(text);
    }
}
