using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.Connection.Tests.HowTo;

/// <summary>The code of docs/howto/test-a-handler.md, as far as it needs no server.</summary>
public sealed class TestAHandler
{
    [Test]
    public async Task Without_a_socket()
    {
        await using var pair = WebSocketConnection.CreatePair();
        var handling = HandleAsync(pair.Server, CancellationToken.None);

        await pair.Client.SendAsync("hello");
        var answer = (await pair.Client.ReceiveAsync()).Text;
        if (answer != "HELLO")
        {
            throw new InvalidOperationException($"Expected HELLO, got {answer}.");
        }

        await pair.Client.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure);
        await handling;

        // The handler under test.
        static async Task HandleAsync(WebSocketConnection connection, CancellationToken stopping)
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                await connection.SendAsync(message.Text.ToUpperInvariant(), stopping);
            }
        }
    }

    [Test]
    public async Task How_a_handler_ends()
    {
        var time = new FakeTimeProvider();
        await using var pair = WebSocketConnection.CreatePair(new() { TimeProvider = time, CloseTimeout = TimeSpan.FromSeconds(5) });

        // A client that is gone.
        pair.Client.Abort();
        await foreach (var message in pair.Server.ReadAllAsync())
        {
        }

        if (pair.Server.Closure is not { Cause: CloseCause.ConnectionLost, Initiator: CloseInitiator.Remote })
        {
            throw new InvalidOperationException($"Expected a lost connection, got {pair.Server.Closure}.");
        }
    }
}
