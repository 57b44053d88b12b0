using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Accepting : ServerFixture
{
    [Test]
    public async Task A_server_on_port_0_tells_the_port_it_got()
    {
        var server = await StartAsync();

        server.LocalEndPoint.Address.Should().Be(IPAddress.Loopback);
        server.LocalEndPoint.Port.Should().BePositive();
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task The_end_point_of_a_server_that_is_not_started_cannot_be_asked_for()
    {
        await using var server = new WebSocketServer(new(), EchoAsync);

        server.Invoking(it => it.LocalEndPoint).Should().Throw<InvalidOperationException>();
    }

    [Test]
    public async Task Several_servers_run_in_one_process()
    {
        var servers = new List<WebSocketServer>();
        for (var i = 0; i < 4; i++)
        {
            var name = $"server {i}";
            servers.Add(await StartAsync(async (connection, stopping) =>
            {
                await connection.SendAsync(name, stopping);
                await ListenAsync(connection, stopping);
            }));
        }

        servers.Select(server => server.LocalEndPoint.Port).Should().OnlyHaveUniqueItems();
        for (var i = 0; i < servers.Count; i++)
        {
            (await (await OpenAsync(servers[i])).ReadTextAsync()).Should().Be($"server {i}");
            servers[i].Connections.Count.Should().Be(1);
        }
    }

    [Test]
    public async Task A_port_in_use_fails_the_start_and_says_so()
    {
        var first = await StartAsync();
        var second = Own(new WebSocketServer(new() { Port = first.LocalEndPoint.Port }, EchoAsync));

        var start = () => second.StartAsync();

        (await start.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.AddressAlreadyInUse);
        await ShouldEchoAsync(await OpenAsync(first));
    }

    [Test]
    public async Task A_start_that_failed_can_be_tried_again()
    {
        var first = await StartAsync();
        var second = Own(new WebSocketServer(new() { Port = first.LocalEndPoint.Port }, EchoAsync));
        var start = () => second.StartAsync();
        await start.Should().ThrowAsync<SocketException>();

        await first.StopAsync().Soon();
        await start();

        await ShouldEchoAsync(await OpenAsync(second));
    }

    [Test]
    public async Task A_port_is_free_again_when_its_server_has_stopped()
    {
        var first = await StartAsync();
        using (var client = await RawClient.OpenAsync(first.LocalEndPoint))
        {
            await ShouldEchoAsync(client);
        }

        await first.StopAsync().Soon();
        var second = await StartAsync(new WebSocketServerOptions { Port = first.LocalEndPoint.Port });

        await ShouldEchoAsync(await OpenAsync(second));
    }

    [Test]
    public async Task A_server_is_started_once()
    {
        var server = await StartAsync();

        await server.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();
    }

    [Test]
    public async Task A_server_without_a_handler_is_not_started()
    {
        await using var server = new WebSocketServer(new());

        await server.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();
    }

    [Test]
    public async Task A_second_handler_is_refused()
    {
        await using var server = new WebSocketServer(new(), EchoAsync);

        await server.Invoking(it => it.StartAsync(EchoAsync)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Test]
    public async Task The_handler_may_be_given_at_the_start()
    {
        var server = Own(new WebSocketServer(new()));

        await server.StartAsync(EchoAsync);

        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task Running_ends_when_its_token_says_so()
    {
        using var end = new CancellationTokenSource();
        var server = Own(new WebSocketServer(new(), EchoAsync));
        var run = server.RunAsync(end.Token);
        var client = await OpenAsync(server);

        await end.CancelAsync();

        (await client.ReadUntilCloseAsync()).Should().Be(1001);
        client.Dispose();
        await run.Soon();
    }

    [Test]
    public async Task A_client_of_the_framework_is_served()
    {
        var server = await StartAsync();
        using var client = new ClientWebSocket();
        using var bound = new CancellationTokenSource(Waiting.Bound);
        await client.ConnectAsync(new($"ws://{server.LocalEndPoint}/"), bound.Token);
        var message = new byte[100_000];
        Random.Shared.NextBytes(message);
        await client.SendAsync(message, WebSocketMessageType.Binary, true, bound.Token);

        var received = new byte[message.Length];
        var count = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(received.AsMemory(count), bound.Token);
            count += result.Count;
        }
        while (!result.EndOfMessage);

        received.Should().Equal(message);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", bound.Token);
        client.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task Clients_that_reset_before_and_while_they_are_accepted_do_not_end_the_accepting()
    {
        var server = await StartAsync();
        for (var i = 0; i < 200; i++)
        {
            (await RawClient.ConnectAsync(server.LocalEndPoint)).Reset();
        }

        await ShouldEchoAsync(await OpenAsync(server));
    }
}
