using RawSocketChat.Handshake;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Limits : ServerFixture
{
    [Test]
    public async Task Beyond_the_most_connections_the_answer_is_503_and_a_place_that_is_free_again_is_given_again()
    {
        var server = await StartAsync(new WebSocketServerOptions { MaxConnections = 2, LoggerFactory = Logs });
        var first = await OpenAsync(server);
        var second = await OpenAsync(server);

        for (var i = 0; i < 3; i++)
        {
            (await AskAsync(server, RawClient.Request())).Status.Should().Be(503);
        }

        await ShouldEchoAsync(first);
        await ShouldEchoAsync(second);
        await first.CloseAsync();
        await ShouldEchoAsync(Own(await OpenWhenThereIsRoomAsync(server)));
        (await AskAsync(server, RawClient.Request())).Status.Should().Be(503);
    }

    [Test]
    public async Task Places_are_not_lost_whichever_way_connections_end()
    {
        var server = await StartAsync(
            new WebSocketServerOptions { MaxConnections = 1 },
            (connection, stopping) => connection.GetRequest().Path == "/fail"
                ? throw new InvalidOperationException("at once")
                : EchoAsync(connection, stopping));
        for (var i = 0; i < 20; i++)
        {
            var client = await OpenWhenThereIsRoomAsync(server, i % 4 == 0 ? "/fail" : "/");
            switch (i % 4)
            {
                case 1:
                    client.Reset();
                    break;
                case 2:
                    await client.CloseAsync();
                    break;
                default:
                    client.HalfClose();
                    await client.ReadToEndAsync();
                    break;
            }

            client.Dispose();
        }

        await ShouldEchoAsync(Own(await OpenWhenThereIsRoomAsync(server)));
    }

    [Test]
    public async Task A_refused_upgrade_takes_no_place()
    {
        var server = await StartAsync(new WebSocketServerOptions
        {
            MaxConnections = 1,
            OnUpgrade = (request, _) => new(request.Path == "/no" ? HttpResponse.Text(403, "no") : null),
        });
        for (var i = 0; i < 10; i++)
        {
            (await AskAsync(server, RawClient.Request(target: "/no"))).Status.Should().Be(403);
        }

        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task Beyond_the_most_handshakes_a_connection_is_cut_and_a_slot_that_is_free_again_is_given_again()
    {
        var time = new WatchedTime();
        var deadline = TimeSpan.FromSeconds(7);
        var server = await StartAsync(new WebSocketServerOptions { MaxPendingHandshakes = 3, TimeProvider = time, HandshakeTimeout = deadline });
        var silent = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            silent.Add(await ConnectAsync(server));
        }

        await time.WaitForTimerAsync(deadline, 3);
        (await (await ConnectAsync(server)).ReadToEndAsync()).Should().Be(0);

        await silent[0].SendAsync(RawClient.Request());
        (await silent[0].ReadAnswerAsync()).Status.Should().Be(101);
        await ShouldEchoAsync(silent[0]);
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [Test]
    public async Task Handshakes_of_one_address_are_bounded_too()
    {
        var time = new WatchedTime();
        var deadline = TimeSpan.FromSeconds(7);
        var server = await StartAsync(new WebSocketServerOptions
        {
            MaxPendingHandshakesPerAddress = 2,
            TimeProvider = time,
            HandshakeTimeout = deadline,
        });
        for (var i = 0; i < 2; i++)
        {
            await ConnectAsync(server);
        }

        await time.WaitForTimerAsync(deadline, 2);
        (await (await ConnectAsync(server)).ReadToEndAsync()).Should().Be(0);

        time.Advance(deadline);
        RawClient? next = null;
        await RetryAsync(async () => next = await RawClient.OpenAsync(server.LocalEndPoint));
        await ShouldEchoAsync(Own(next!));
    }

    [Test]
    public void Slots_are_counted_for_each_address()
    {
        var slots = new HandshakeSlots(most: 3, mostPerAddress: 2);
        var (one, other) = (System.Net.IPAddress.Parse("192.0.2.1"), System.Net.IPAddress.Parse("192.0.2.2"));

        slots.TryTake(one).Should().BeTrue();
        slots.TryTake(one).Should().BeTrue();
        slots.TryTake(one).Should().BeFalse("that address has two");
        slots.TryTake(other).Should().BeTrue("another one has none");
        slots.TryTake(other).Should().BeFalse("there are three in all");
        slots.Count.Should().Be(3);
        slots.Release(one);
        slots.TryTake(other).Should().BeTrue();
        slots.TryTake(one).Should().BeFalse();
        slots.Release(one);
        slots.Release(other);
        slots.Release(other);
        slots.Count.Should().Be(0);
        slots.TryTake(one).Should().BeTrue();
    }

    [Test]
    public async Task A_head_that_is_too_long_is_refused()
    {
        var server = await StartAsync(new WebSocketServerOptions { HandshakeLimits = new() { MaxTotalSize = 1024 } });

        (await AskAsync(server, RawClient.Request($"X-Long: {new string('x', 2000)}\r\n"))).Status.Should().Be(431);
        (await AskAsync(server, RawClient.Request($"X-Long: {new string('x', 200)}\r\n"))).Status.Should().Be(101);
    }

    [Test]
    public async Task A_message_that_is_too_long_ends_its_connection_with_1009()
    {
        var server = await StartAsync(new WebSocketServerOptions { MaxMessageSize = 1000 });
        var client = await OpenAsync(server);
        await client.SendTextAsync(new string('x', 1000));
        (await client.ReadTextAsync()).Should().HaveLength(1000);

        await client.SendTextAsync(new string('x', 1001));

        (await client.ReadUntilCloseAsync()).Should().Be(1009);
    }

    private static async Task RetryAsync(Func<Task> attempt)
    {
        var end = Environment.TickCount64 + (long)Waiting.Bound.TotalMilliseconds;
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception) when (Environment.TickCount64 < end)
            {
                // The server has not yet noticed that there is room.
            }
        }
    }

    private static async Task<RawClient> OpenWhenThereIsRoomAsync(WebSocketServer server, string target = "/")
    {
        // A place is given back a moment after the client has seen TCP end: until then the answer is 503, and nothing else.
        var end = Environment.TickCount64 + (long)Waiting.Bound.TotalMilliseconds;
        while (true)
        {
            var client = await RawClient.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync(RawClient.Request(target: target));
            var answer = await client.ReadAnswerAsync();
            if (answer.Status == 101)
            {
                return client;
            }

            client.Dispose();
            answer.Status.Should().Be(503);
            Environment.TickCount64.Should().BeLessThan(end, "there must be room some time");
        }
    }
}
