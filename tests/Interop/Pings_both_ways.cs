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
            KeepAliveTimeout = TimeSpan.FromSeconds(30),
        });

        var events = await ForeignClient.Named(name).RunAsync(
            new(server.Url, ClientStep.AwaitPings(2), ClientStep.Send("still here"), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Text.Should().Be("still here");
        events.Single(happened => happened.Event == "close").Code.Should().Be(1000);
    }

    [Test]
    public async Task Our_client_answers_a_ping_with_its_payload([Values("ws", "python3-websockets")] string name)
    {
        await using var server = await ForeignServer.StartAsync(name);
        await using var connection = await WebSocketClient.ConnectAsync(server.Url("ping"));

        (await connection.ReceiveAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Text.Should().Be("pong 还在吗?");
    }

    [Test]
    public async Task The_server_answers_the_pings_of_our_client([Values("ws", "python3-websockets")] string name)
    {
        await using var server = await ForeignServer.StartAsync(name);
        await using var connection = await WebSocketClient.ConnectAsync(
            server.Url("pinged"), new() { KeepAliveInterval = TimeSpan.FromMilliseconds(50), KeepAliveTimeout = TimeSpan.FromSeconds(30) });

        (await connection.ReceiveAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Text.Should().Be("2 pings");
    }
}
