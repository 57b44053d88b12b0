using System.Buffers;
using System.Net.WebSockets;

using StreamJsonRpc;

namespace RawSocketChat.Connection.Tests.HowTo;

/// <summary>The code of docs/howto/hand-a-connection-to-other-code.md.</summary>
public sealed class HandAConnectionToOtherCode
{
    [Test]
    public async Task Remote_procedure_calls()
    {
        await using var pair = WebSocketConnection.CreatePair();
        var handling = HandleAsync(pair.Server);
        using (var client = new JsonRpc(new WebSocketMessageHandler(pair.Client.AsWebSocket())))
        {
            client.StartListening();
            (await Peer.Within(client.InvokeAsync<int>("Add", 1, 2))).Should().Be(3);
            await Peer.Within(pair.Client.AsWebSocket().CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default));
            await Peer.Within(handling);
        }

        static async Task HandleAsync(WebSocketConnection connection)
        {
            using var rpc = new JsonRpc(new WebSocketMessageHandler(connection.AsWebSocket()), new Calculator());
            rpc.StartListening();
            await rpc.Completion;
        }
    }

    [Test]
    public async Task Lines_of_a_stream()
    {
        await using var pair = WebSocketConnection.CreatePair();
        var handling = HandleAsync(pair.Server, default);
        await pair.Client.SendAsync("hel"u8.ToArray(), WebSocketMessageType.Binary);
        await pair.Client.SendAsync("lo\n"u8.ToArray(), WebSocketMessageType.Binary);
        (await Peer.Within(pair.Client.ReceiveAsync())).Text.TrimEnd().Should().Be("HELLO");
        await Peer.Within(pair.Client.CloseAsync(WebSocketCloseStatus.NormalClosure));
        await pair.DisposeAsync();
        await Peer.Within(handling);

        static async Task HandleAsync(WebSocketConnection connection, CancellationToken stopping)
        {
            await using var stream = connection.AsStream();
            using var reader = new StreamReader(stream);
            await using var writer = new StreamWriter(stream) { AutoFlush = true };
            while (await reader.ReadLineAsync(stopping) is { } line)
            {
                await writer.WriteLineAsync(line.ToUpperInvariant());
            }
        }
    }

    [Test]
    public async Task An_echo_through_a_pipe()
    {
        await using var pair = WebSocketConnection.CreatePair();
        var handling = HandleAsync(pair.Server, default);
        await pair.Client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Binary);
        (await Peer.Within(pair.Client.ReceiveAsync())).Text.Should().Be("hello");
        await Peer.Within(pair.Client.CloseAsync(WebSocketCloseStatus.NormalClosure));
        await Peer.Within(handling);

        static async Task HandleAsync(WebSocketConnection connection, CancellationToken stopping)
        {
            var pipe = connection.AsDuplexPipe();
            while (true)
            {
                var result = await pipe.Input.ReadAsync(stopping);
                foreach (var piece in result.Buffer)
                {
                    pipe.Output.Write(piece.Span);
                }

                pipe.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || (await pipe.Output.FlushAsync(stopping)).IsCompleted)
                {
                    break;
                }
            }

            await pipe.Output.CompleteAsync();
            await pipe.Input.CompleteAsync();
        }
    }

    public sealed class Calculator
    {
        public static int Add(int one, int other) => one + other;
    }
}
