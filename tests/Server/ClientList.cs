using System.Collections.Concurrent;
using System.IO.Pipelines;

using RawSocketChat.Framing;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class ClientList : ServerFixture
{
    [Test]
    public async Task A_connection_is_in_the_list_before_its_client_knows_that_it_is_open()
    {
        var server = await StartAsync();
        for (var i = 1; i <= 20; i++)
        {
            await OpenAsync(server);
            server.Connections.Count.Should().Be(i);
            server.Connections.Should().HaveCount(i).And.OnlyHaveUniqueItems();
        }
    }

    [Test]
    public async Task Who_left_is_not_in_the_list_whichever_way_it_left()
    {
        var opened = new ConcurrentDictionary<string, WebSocketConnection>();
        var server = await StartAsync(async (connection, stopping) =>
        {
            opened[connection.GetRequest().Header("X-Name")!] = connection;
            await EchoAsync(connection, stopping);
        });
        var stays = await OpenAsync(server, headers: "X-Name: stays\r\n");
        var closes = await OpenAsync(server, headers: "X-Name: closes\r\n");
        var resets = await OpenAsync(server, headers: "X-Name: resets\r\n");
        var ends = await OpenAsync(server, headers: "X-Name: ends\r\n");
        var breaks = await OpenAsync(server, headers: "X-Name: breaks\r\n");
        foreach (var client in new[] { stays, closes, resets, ends, breaks })
        {
            await ShouldEchoAsync(client);
        }

        server.Connections.Should().BeEquivalentTo(opened.Values, options => options.ComparingByValue<WebSocketConnection>());

        await closes.CloseAsync();
        resets.Reset();
        ends.HalfClose();
        await breaks.SendAsync([0xFF, 0xFF, 0xFF]);
        await breaks.ReadToEndAsync();
        breaks.Dispose();

        await Logs.WaitForAsync(LogRecorder.Closed, 4);
        server.Connections.Should().ContainSingle().Which.Should().BeSameAs(opened["stays"]);
        server.Connections.Count.Should().Be(1);
        await ShouldEchoAsync(stays);
    }

    [Test]
    public async Task It_is_exact_while_200_connect_and_leave_at_once_and_broadcasts_go_on()
    {
        const int Clients = 200;
        var server = await StartAsync(new WebSocketServerOptions { LoggerFactory = Logs });
        using var witness = await RawClient.OpenAsync(server.LocalEndPoint);
        using var end = new CancellationTokenSource();

        // The one who reads paces the one who broadcasts, so that being slow is not what is tested here.
        using var unread = new SemaphoreSlim(1000);
        var sent = 0;
        var refused = 0;
        var broadcasting = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested && await unread.WaitAsync(Waiting.Bound))
            {
                var result = server.Broadcast($"{sent++}");
                refused += result.Dropped + result.Closed;
                if (sent % 50 == 0)
                {
                    server.Connections.Should().OnlyHaveUniqueItems();
                    server.Connections.Count.Should().BeInRange(1, Clients + 1);
                }
            }
        });
        var reading = Task.Run(async () =>
        {
            var last = -1;
            while (await witness.ReadTextAsync() is var text && text != "end")
            {
                int.Parse(text, null).Should().Be(++last, "the one who stays gets every broadcast, in order");
                unread.Release();
            }

            return last + 1;
        });

        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, _) =>
        {
            using var client = await RawClient.OpenAsync(server.LocalEndPoint);
            server.Connections.Count.Should().BePositive();
            switch (i % 3)
            {
                case 0:
                    await client.SendAsync(RawClient.CloseFrame(1000));
                    await client.ReadToEndAsync();
                    break;
                case 1:
                    client.Reset();
                    break;
                default:
                    client.HalfClose();
                    await client.ReadToEndAsync();
                    break;
            }
        });
        await Logs.WaitForAsync(LogRecorder.Closed, Clients);
        await end.CancelAsync();
        await broadcasting.Soon();
        server.Broadcast("end");

        (await reading.Soon()).Should().Be(sent);
        refused.Should().Be(0);
        server.Connections.Count.Should().Be(1);
        server.Connections.Should().ContainSingle();
        Logs.Count(LogRecorder.Opened).Should().Be(Clients + 1);
        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
    }

    [Test]
    public async Task A_walk_sees_no_stranger_and_nobody_twice_while_others_come_and_go()
    {
        var list = new ConnectionCollection();
        var stays = Enumerable.Range(0, 50).Select(_ => Unconnected()).ToArray();
        var comes = Enumerable.Range(0, 50).Select(_ => Unconnected()).ToArray();
        foreach (var connection in stays)
        {
            list.Add(connection, out _);
        }

        var slots = new int[comes.Length];
        using var end = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                for (var i = 0; i < comes.Length; i++)
                {
                    list.Add(comes[i], out slots[i]);
                }

                foreach (var slot in slots)
                {
                    list.Remove(slot);
                }
            }
        });
        for (var i = 0; i < 2000; i++)
        {
            var seen = new HashSet<WebSocketConnection>();
            foreach (var connection in list)
            {
                seen.Add(connection);
            }

            stays.Should().OnlyContain(connection => seen.Contains(connection));
        }

        await end.CancelAsync();
        await changing.Soon();
        list.Count.Should().Be(50);
        list.Should().HaveCount(50).And.BeSubsetOf(stays);
        foreach (var connection in stays.Concat(comes))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    private static WebSocketConnection Unconnected() => new(new PipeTransport(new NoPipe()), EndpointRole.Server, new());

    private sealed class NoPipe : IDuplexPipe
    {
        public PipeReader Input { get; } = new Pipe().Reader;

        public PipeWriter Output { get; } = new Pipe().Writer;
    }
}
