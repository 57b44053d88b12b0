using System.Net.Sockets;

using RawSocketChat.Handshake;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Stopping : ServerFixture
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Everybody_is_told_1001()
    {
        var server = await StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await OpenAsync(server));
        }

        var stop = server.StopAsync();
        foreach (var client in clients)
        {
            (await client.ReadUntilCloseAsync()).Should().Be(1001);
            await client.SendAsync(RawClient.CloseFrame(1001));
            (await client.ReadToEndAsync()).Should().Be(0);
            client.Dispose();
        }

        await stop.Soon();
        server.Connections.Count.Should().Be(0);
        Logs.Count(LogRecorder.CutAtStop).Should().Be(0);
        Logs.Of(LogRecorder.Closed).Should().HaveCount(50).And.OnlyContain(line => line.Text.Contains("ClosingHandshake by Local, 1001"));
    }

    [Test]
    public async Task Nobody_is_accepted_any_more()
    {
        var server = await StartAsync();
        await server.StopAsync().Soon();

        var connect = () => RawClient.ConnectAsync(server.LocalEndPoint);

        await connect.Should().ThrowAsync<SocketException>();
    }

    [Test]
    public async Task Stopping_twice_and_disposing_twice_is_no_error()
    {
        var server = await StartAsync();

        await Task.WhenAll(server.StopAsync(), server.StopAsync()).Soon();
        await server.StopAsync().Soon();
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_server_that_was_never_started_can_be_stopped_and_is_not_started_after()
    {
        var server = new WebSocketServer(new(), EchoAsync);

        await server.StopAsync().Soon();

        await server.Invoking(it => it.StartAsync()).Should().ThrowAsync<InvalidOperationException>();
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_client_that_never_answers_does_not_hold_it_up_longer_than_the_stop_timeout()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var silent = await OpenAsync(server);
        var stop = server.StopAsync();
        (await silent.ReadUntilCloseAsync()).Should().Be(1001);
        await time.WaitForTimerAsync(StopTimeout);
        stop.IsCompleted.Should().BeFalse();

        time.Advance(StopTimeout);

        await stop.Soon();
        server.Connections.Count.Should().Be(0);
        Logs.Count(LogRecorder.CutAtStop).Should().Be(1);
        Logs.Count(LogRecorder.LeftBehind).Should().Be(0);
        (await silent.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task A_client_that_never_reads_does_not_hold_it_up_longer_than_the_stop_timeout()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time), async (connection, stopping) =>
        {
            while (true)
            {
                await connection.SendAsync(new byte[100_000], System.Net.WebSockets.WebSocketMessageType.Binary, stopping);
            }
        });
        await OpenAsync(server, receiveBuffer: 4096);
        await Waiting.UntilAsync(() => server.Connections.Single().OutgoingBytes >= 100_000);

        var stop = server.StopAsync();
        await time.WaitForTimerAsync(StopTimeout);
        time.Advance(StopTimeout);

        await stop.Soon();
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task A_handler_that_ignores_the_token_and_its_connections_end_is_left_behind()
    {
        var time = new WatchedTime();
        var release = new TaskCompletionSource();
        var server = await StartAsync(Options(time), async (_, _) => await release.Task);
        var client = await OpenAsync(server);
        var stop = server.StopAsync();
        (await client.ReadUntilCloseAsync()).Should().Be(1001);

        await time.WaitForTimerAsync(StopTimeout);
        time.Advance(StopTimeout);
        await time.WaitForTimerAsync(CloseTimeout, 2);
        time.Advance(CloseTimeout);

        await stop.Soon();
        Logs.Count(LogRecorder.LeftBehind).Should().Be(1);
        release.SetResult();
        await Logs.WaitForAsync(LogRecorder.Closed);
    }

    [Test]
    public async Task A_handler_that_blocks_when_it_is_told_to_stop_does_not_hold_it_up()
    {
        var time = new WatchedTime();
        using var release = new ManualResetEventSlim();
        var server = await StartAsync(Options(time), async (connection, stopping) =>
        {
            using var registration = stopping.Register(() => release.Wait(Waiting.Bound, CancellationToken.None));
            await ListenAsync(connection, CancellationToken.None);
        });
        var client = await OpenAsync(server);
        try
        {
            var stop = server.StopAsync();
            (await client.ReadUntilCloseAsync()).Should().Be(1001);
            await time.WaitForTimerAsync(StopTimeout);
            time.Advance(StopTimeout);
            await time.WaitForTimerAsync(CloseTimeout, 2);
            time.Advance(CloseTimeout);

            await stop.Soon();
        }
        finally
        {
            release.Set();
        }
    }

    [Test]
    public async Task A_callback_of_the_token_that_throws_does_not_keep_the_server_from_stopping()
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            stopping.Register(() => throw new InvalidOperationException("I do not want to stop"));
            await EchoAsync(connection, stopping);
        });
        var run = server.RunAsync();
        var client = await OpenAsync(server);
        await ShouldEchoAsync(client);

        var stop = server.StopAsync();
        (await client.ReadUntilCloseAsync()).Should().Be(1001);
        client.Dispose();

        await stop.Soon();
        await run.Soon();
    }

    [Test]
    public async Task A_cancelled_token_ends_the_waiting_at_once()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var silent = await OpenAsync(server);
        using var now = new CancellationTokenSource();
        var stop = server.StopAsync(now.Token);
        (await silent.ReadUntilCloseAsync()).Should().Be(1001);

        await now.CancelAsync();

        await stop.Soon();
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task A_handler_that_ends_when_told_closes_with_1001_not_1000()
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            var receiving = ListenAsync(connection, CancellationToken.None);
            await receiving.WaitAsync(stopping);
        });
        var client = await OpenAsync(server);
        var stop = server.StopAsync();

        (await client.ReadUntilCloseAsync()).Should().Be(1001);

        client.Dispose();
        await stop.Soon();
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
    }

    [Test]
    public async Task A_handshake_under_way_is_cut()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await ConnectAsync(server);
        await client.SendAsync("GET / HT");
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(33));

        await server.StopAsync().Soon();

        (await client.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task A_hook_under_way_is_cut()
    {
        var asked = new TaskCompletionSource();
        var server = await StartAsync(new WebSocketServerOptions
        {
            OnUpgrade = async (_, _) =>
            {
                asked.SetResult();
                await new TaskCompletionSource().Task;
                return (HttpResponse?)null;
            },
        });
        var client = await ConnectAsync(server);
        await client.SendAsync(RawClient.Request());
        await asked.Task.Soon();

        await server.StopAsync().Soon();

        (await client.ReadToEndAsync()).Should().Be(0);
    }

    [Test]
    public async Task Whoever_connects_while_it_stops_is_told_1001_or_cut()
    {
        for (var round = 0; round < 20; round++)
        {
            // The handler ignores the token: only the server can tell its client.
            var server = await StartAsync(new WebSocketServerOptions(), (connection, _) => ListenAsync(connection, CancellationToken.None));
            var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                try
                {
                    using var client = await RawClient.OpenAsync(server.LocalEndPoint);
                    return await client.ReadUntilCloseAsync();
                }
                catch (Exception gone) when (gone is SocketException or IOException or AssertionException)
                {
                    return 0;
                }
            })).ToArray();
            await Waiting.UntilAsync(() => server.Connections.Count >= round % 8);

            await server.StopAsync().Soon();

            (await Task.WhenAll(clients).Soon()).Should().OnlyContain(status => status == 0 || status == 1001);
        }
    }

    [Test]
    public async Task Disposing_from_within_a_handler_is_bounded()
    {
        var server = Own(new WebSocketServer(new() { StopTimeout = TimeSpan.FromMilliseconds(50), CloseTimeout = TimeSpan.FromMilliseconds(50) }));
        var stopped = new TaskCompletionSource();
        await server.StartAsync(async (_, _) =>
        {
            await server.StopAsync(CancellationToken.None);
            stopped.SetResult();
        });
        await OpenAsync(server);

        await stopped.Task.Soon();
    }

    private WebSocketServerOptions Options(TimeProvider time) => new()
    {
        TimeProvider = time,
        LoggerFactory = Logs,
        StopTimeout = StopTimeout,
        CloseTimeout = CloseTimeout,
        HandshakeTimeout = TimeSpan.FromSeconds(33),
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
    };
}
