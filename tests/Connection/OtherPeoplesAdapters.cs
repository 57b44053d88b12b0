using System.Net.WebSockets;
using System.Text;

using StreamJsonRpc;

namespace RawSocketChat.Connection.Tests;

/// <summary>Code that takes nothing but a <see cref="WebSocket"/>, over ours.</summary>
public sealed class OtherPeoplesAdapters
{
    private TrackingPool _pool = null!;
    private WebSocketPair _pair = null!;

    [SetUp]
    public void Connect()
    {
        _pool = new();
        _pair = WebSocketConnection.CreatePair(new() { BufferPool = _pool });
    }

    [TearDown]
    public async Task Disconnect()
    {
        await _pair.DisposeAsync();
        _pool.Out.Should().Be(0);
        _pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task A_stream_of_the_BCL_carries_bytes_both_ways_and_ends_with_the_close()
    {
        await using var client = WebSocketStream.Create(_pair.Client.AsWebSocket(), WebSocketMessageType.Binary, TimeSpan.FromSeconds(30));
        var server = WebSocketStream.Create(_pair.Server.AsWebSocket(), WebSocketMessageType.Binary, TimeSpan.FromSeconds(30));
        var payload = RandomBytes(300_000);

        var echoing = Task.Run(async () =>
        {
            await using (server)
            {
                await server.CopyToAsync(server);
            }
        });
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < payload.Length; at += 1000)
            {
                await client.WriteAsync(payload.AsMemory(at, 1000));
            }
        });
        var echo = new byte[payload.Length];
        await Peer.Within(client.ReadExactlyAsync(echo));
        await Peer.Within(writing);
        echo.Should().Equal(payload);

        await Peer.Within(_pair.Client.AsWebSocket().CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default));
        (await Peer.Within(client.ReadAsync(echo))).Should().Be(0);
        await Peer.Within(echoing);
        _pair.Client.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
    }

    [Test]
    public async Task A_message_stream_of_the_BCL_writes_and_reads_one_message()
    {
        await using (var writer = WebSocketStream.CreateWritableMessageStream(_pair.Client.AsWebSocket(), WebSocketMessageType.Text))
        {
            await writer.WriteAsync("one "u8.ToArray());
            await writer.WriteAsync("message"u8.ToArray());
        }

        await _pair.Client.SendAsync("another");
        using var reader = new StreamReader(WebSocketStream.CreateReadableMessageStream(_pair.Server.AsWebSocket()), Encoding.UTF8);
        (await Peer.Within(reader.ReadToEndAsync())).Should().Be("one message");
        using var next = new StreamReader(WebSocketStream.CreateReadableMessageStream(_pair.Server.AsWebSocket()), Encoding.UTF8);
        (await Peer.Within(next.ReadToEndAsync())).Should().Be("another");
    }

    [Test]
    public async Task Remote_procedures_are_called_both_ways()
    {
        using var client = NewRpc(_pair.Client, new Calculator());
        using var server = NewRpc(_pair.Server, new Calculator());
        var calls = Enumerable.Range(0, 100).Select(async i =>
        {
            (await client.InvokeAsync<int>("Add", i, 1)).Should().Be(i + 1);
            (await server.InvokeAsync<int>("Add", i, 2)).Should().Be(i + 2);
        });
        await Peer.Within(Task.WhenAll(calls));

        var text = string.Concat(Enumerable.Repeat("你好 ", 50_000));
        (await Peer.Within(client.InvokeAsync<string>("Repeat", text))).Should().Be(text);
        var failed = await FluentActions.Awaiting(() => Peer.Within(server.InvokeAsync("Fail"))).Should().ThrowAsync<RemoteInvocationException>();
        failed.Which.Message.Should().Be("as asked for");
    }

    [Test]
    public async Task Remote_procedures_learn_that_the_peer_has_closed()
    {
        using var client = NewRpc(_pair.Client, new Calculator());
        using var server = NewRpc(_pair.Server, new Calculator());
        (await Peer.Within(client.InvokeAsync<int>("Add", 1, 1))).Should().Be(2);
        var lost = new TaskCompletionSource<JsonRpcDisconnectedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Disconnected += (_, told) => lost.TrySetResult(told);
        var closing = _pair.Client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done").AsTask();
        (await Peer.Within(lost.Task)).Reason.Should().Be(DisconnectedReason.RemotePartyTerminated);
        await Peer.Within(closing);
        _pair.Server.Closure!.Status.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task A_cancelled_remote_call_leaves_the_connection_usable()
    {
        using var client = NewRpc(_pair.Client, new Calculator());
        using var server = NewRpc(_pair.Server, new Calculator());
        using var cancellation = new CancellationTokenSource();
        var waiting = client.InvokeWithCancellationAsync("WaitAsync", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(waiting)).Should().ThrowAsync<OperationCanceledException>();
        (await Peer.Within(client.InvokeAsync<int>("Add", 1, 1))).Should().Be(2);
    }

    private static JsonRpc NewRpc(WebSocketConnection connection, object target)
    {
        var rpc = new JsonRpc(new WebSocketMessageHandler(connection.AsWebSocket()), target);
        rpc.StartListening();
        return rpc;
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    public sealed class Calculator
    {
        public static int Add(int one, int other) => one + other;

        public static string Repeat(string text) => text;

        public static void Fail() => throw new InvalidOperationException("as asked for");

        public static Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
