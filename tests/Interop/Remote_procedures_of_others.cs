using System.Net.WebSockets;

using RawSocketChat.Interop.Tests.Support;

using StreamJsonRpc;

namespace RawSocketChat.Interop.Tests;

/// <summary>StreamJsonRpc on a client's and a server's connection over TCP, which it takes for <see cref="WebSocket"/>s.</summary>
public class Remote_procedures_of_others
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Call_both_ways_at_once_and_end_with_the_connection([Values] bool deflate)
    {
        var options = deflate ? new DeflateOptions { ServerContextTakeover = true, ClientContextTakeover = true, MinMessageSize = 0 } : null;
        var rpcOfServer = new TaskCompletionSource<JsonRpc>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new() { Deflate = options, MaxMessageSize = 8 * 1024 * 1024 }, async (connection, _) =>
        {
            using var rpc = Listen(connection, new Calculator());
            rpcOfServer.SetResult(rpc);
            await rpc.Completion;
        });
        await using var connection = await WebSocketClient.ConnectAsync(server.Url, new() { Deflate = options, MaxMessageSize = 8 * 1024 * 1024 });
        (connection.Deflate is not null).Should().Be(deflate);
        using var client = Listen(connection, new Calculator());
        var serverSide = await rpcOfServer.Task.WaitAsync(Limit);

        var sums = await Task.WhenAll(Enumerable.Range(0, 500).Select(
            number => (number % 2 == 0 ? client : serverSide).InvokeAsync<int>(nameof(Calculator.Add), number, 1))).WaitAsync(Limit);
        sums.Should().Equal(Enumerable.Range(1, 500));

        var text = string.Concat(Enumerable.Repeat("你好，世界 👋🏽 ", 50_000));
        (await client.InvokeAsync<string>(nameof(Calculator.Repeat), text).WaitAsync(Limit)).Should().Be(text);
        (await serverSide.InvokeAsync<string>(nameof(Calculator.Repeat), text).WaitAsync(Limit)).Should().Be(text);
        (await FluentActions.Awaiting(() => client.InvokeAsync(nameof(Calculator.Fail)).WaitAsync(Limit)).Should().ThrowAsync<RemoteInvocationException>())
            .Which.Message.Should().Be("as asked for");

        await connection.CloseAsync(WebSocketCloseStatus.NormalClosure, "done").AsTask().WaitAsync(Limit);
        (await server.Ended.WaitAsync(Limit)).Should().Be((WebSocketCloseStatus.NormalClosure, "done"));
    }

    private static JsonRpc Listen(WebSocketConnection connection, object target)
    {
        var rpc = new JsonRpc(new WebSocketMessageHandler(connection.AsWebSocket()), target);
        rpc.StartListening();
        return rpc;
    }

    public sealed class Calculator
    {
        public static int Add(int one, int other) => one + other;

        public static string Repeat(string text) => text;

        public static void Fail() => throw new InvalidOperationException("as asked for");
    }
}
