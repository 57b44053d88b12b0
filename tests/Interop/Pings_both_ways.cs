using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

public class Pings_both_ways
{
    [Test]
    public async Task The_server_answers_a_ping_with_its_payload([Values("ws", "python3-websockets")] string name)
    {
        await using var server = await TestServer.StartAsync();

        var events = await ForeignClient.Named(name).RunAsync(
            new(server.Url, ClientStep.Ping("are you there?"), ClientStep.Send("a"), ClientStep.Receive(), ClientStep.Ping("再问 👋"), ClientStep.Close(1000)));

        events.Where(happened => happened.Event == "pong").Select(pong => pong.Text).Should().Equal("are you there?", "再问 👋");
    }

    // A ping is due only after the one before was answered: that there are two shows that the server took the pongs.
    [Test]
    public async Task The_client_answers_the_pings_of_the_server([Values("ws", "python3-websockets")] string name)
    {
        await using var server = await TestServer.StartAsync(new()
        {
            KeepAliveInterval = TimeSpan.FromMilliseconds(50),
            KeepAliveTimeout = TimeSpan.FromSeconds(2),
        });

        var events = await ForeignClient.Named(name).RunAsync(
            new(server.Url, ClientStep.AwaitPings(2), ClientStep.Send("still here"), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Text.Should().Be("still here");
        events.Single(happened => happened.Event == "close").Code.Should().Be(1000);
    }

    // ClientWebSocket tells nobody of pings and pongs. What can be seen is that neither side gives the other up, though both
    // would have by then: the one place where real time must pass.
    [Test]
    public async Task The_base_class_library_and_the_server_keep_each_other_alive()
    {
        await using var server = await TestServer.StartAsync(new()
        {
            KeepAliveInterval = TimeSpan.FromMilliseconds(100),
            KeepAliveTimeout = TimeSpan.FromSeconds(1),
        });
        using var cut = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new ClientWebSocket();
        client.Options.KeepAliveInterval = TimeSpan.FromMilliseconds(100);
        client.Options.KeepAliveTimeout = TimeSpan.FromSeconds(1);
        await client.ConnectAsync(server.Url, cut.Token);
        var buffer = new byte[100];

        var receiving = client.ReceiveAsync(buffer, cut.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), cut.Token);
        receiving.IsCompleted.Should().BeFalse("nothing was sent, and nobody was given up");
        await client.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cut.Token);

        var received = await receiving;
        Encoding.UTF8.GetString(buffer, 0, received.Count).Should().Be("still here");
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cut.Token);
        client.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }
}
