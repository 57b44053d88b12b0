using System.Net.Sockets;
using System.Net.WebSockets;

using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>A server whose process has no descriptor left goes on when there are some again.</summary>
public sealed class Out_of_descriptors
{
    [Test]
    public async Task The_server_waits_and_serves_again_when_connections_have_ended()
    {
        var chat = Path.Combine(TestContext.CurrentContext.TestDirectory, "ChatHost.dll");
        await using var host = HostProcess.Start("prlimit", "--nofile=300:300", "dotnet", chat, "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();

        // More connections than the process has descriptors: the kernel takes them, the server cannot.
        var hoard = new List<Socket>();
        for (var i = 0; i < 600; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address.Host, address.Port);
            hoard.Add(socket);
        }

        // Twice: it has waited, and found that there is still none.
        await host.ErrorsContainAsync("cannot be accepted", times: 2);
        hoard.ForEach(socket => socket.Dispose());

        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new ClientWebSocket();
        await client.ConnectAsync(address, bound.Token);
        (await client.ReceiveAsync(new byte[4096], bound.Token)).MessageType.Should().Be(WebSocketMessageType.Text, "the host says welcome");

        await host.SignalAsync("TERM");
        (await host.ExitAsync()).Should().Be(0);
    }
}
