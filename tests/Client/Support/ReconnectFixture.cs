using System.Net.WebSockets;
using System.Threading.Channels;

namespace RawSocketChat.Client.Tests.Support;

/// <summary>A reconnecting client on a scripted network, with a clock that stands still and dice that always show the same.</summary>
internal abstract class ReconnectFixture
{
    protected static readonly Uri Anywhere = new("ws://example.com/");

    private readonly List<IAsyncDisposable> _owned = [];
    private Channel<ReconnectStatus> _states = Channel.CreateUnbounded<ReconnectStatus>();

    protected WatchedTime Time { get; private set; } = new();

    protected ScriptedConnector Network { get; private set; } = new();

    protected Dice Random { get; } = new();

    [SetUp]
    public void StartAnew()
    {
        Time = new();
        Network = new();
        Random.Value = 0.5;
        _states = Channel.CreateUnbounded<ReconnectStatus>();
    }

    [TearDown]
    public async Task EndAllAsync()
    {
        foreach (var owned in _owned)
        {
            // The other end of a connection may be gone without a word: its answer is not waited for.
            if (owned is ReconnectingWebSocketClient client)
            {
                client.Status.Connection?.Abort();
            }

            await owned.DisposeAsync().AsTask().Soon();
        }

        _owned.Clear();
        await Network.DisposeAsync().AsTask().Soon();
    }

    protected ReconnectingWebSocketClient Client(ReconnectOptions? reconnect = null, WebSocketClientOptions? options = null)
    {
        var client = new ReconnectingWebSocketClient(
            Anywhere, options ?? new() { TimeProvider = Time }, reconnect ?? Options(), Network.ConnectAsync);
        _owned.Add(client);
        return client;
    }

    protected ReconnectOptions Options(int queued = 0, int attempts = int.MaxValue) => new()
    {
        Random = Random,
        MaxQueuedMessages = queued,
        MaxAttempts = attempts,
        OnStateChanged = RecordAsync,
    };

    protected ValueTask RecordAsync(ReconnectStatus status, CancellationToken cancellationToken) =>
        _states.Writer.WriteAsync(status, CancellationToken.None);

    /// <summary>The next state that the client tells, which must be that one.</summary>
    protected async Task<ReconnectStatus> ShouldBeAsync(ReconnectState state)
    {
        var status = await _states.Reader.ReadAsync().Soon();
        status.State.Should().Be(state, "{0}", status);
        return status;
    }

    /// <summary>Connects, up to and with the state Open.</summary>
    protected async Task<WebSocketConnection> OpenAsync()
    {
        await ShouldBeAsync(ReconnectState.Connecting);
        var server = (await Network.NextAsync()).Succeed();
        await ShouldBeAsync(ReconnectState.Open);
        return server;
    }

    /// <summary>Waits for the state Waiting, and lets the delay pass.</summary>
    protected async Task<ReconnectStatus> LetDelayPassAsync(int times = 1)
    {
        var waiting = await ShouldBeAsync(ReconnectState.Waiting);
        await Time.WaitForTimerAsync(waiting.Delay, times);
        Time.Advance(waiting.Delay);
        return waiting;
    }

    /// <summary>The server's end reads until it is closed, with that status.</summary>
    protected static async Task ShouldBeToldToCloseAsync(WebSocketConnection server, WebSocketCloseStatus status)
    {
        var receive = () => server.ReceiveAsync().Soon();
        (await receive.Should().ThrowAsync<ConnectionClosedException>()).Which.Closure!.Status.Should().Be(status);
    }

    /// <summary>Reads on a task of its own, so that ends are noticed.</summary>
    protected static Channel<string> Listen(ReconnectingWebSocketClient client)
    {
        var received = Channel.CreateUnbounded<string>();
        _ = Task.Run(async () =>
        {
            await foreach (var message in client.ReadAllAsync())
            {
                await received.Writer.WriteAsync(message.Text);
            }

            received.Writer.Complete();
        });
        return received;
    }

    protected sealed class Dice : Random
    {
        public double Value { get; set; }

        public override double NextDouble() => Value;
    }
}
