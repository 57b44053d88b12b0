using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class PeriodicBroadcasting : ServerFixture
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    [Test]
    public async Task Everybody_gets_the_message_each_interval_from_one_loop()
    {
        var time = new WatchedTime();
        var due = 0;
        var server = await StartAsync(Options(time, new() { OnDue = it => it.Broadcast($"{++due}") }));
        var clients = new[] { await OpenAsync(server), await OpenAsync(server), await OpenAsync(server) };
        for (var round = 1; round <= 5; round++)
        {
            await time.WaitForTimerAsync(Interval, round);
            time.TimersSet(Interval).Should().Be(round, "there is one loop, however many clients there are");
            time.Advance(Interval);
            foreach (var client in clients)
            {
                (await client.ReadTextAsync()).Should().Be($"{round}");
            }
        }

        due.Should().Be(5);
    }

    [Test]
    public async Task Nothing_is_sent_before_the_interval_is_over()
    {
        var time = new WatchedTime();
        var due = 0;
        var server = await StartAsync(Options(time, new() { OnDue = _ => Interlocked.Increment(ref due) }));
        await time.WaitForTimerAsync(Interval);

        time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        due.Should().Be(0);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await time.WaitForTimerAsync(Interval, 2);
        due.Should().Be(1);
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task A_random_share_of_the_jitter_is_added_each_time()
    {
        var time = new WatchedTime();
        var shares = new Queue<double>([0, 0.5, 0.25]);
        var due = 0;
        await StartAsync(Options(time, new()
        {
            Interval = Interval,
            MaxJitter = TimeSpan.FromSeconds(4),
            NextJitter = () => shares.TryDequeue(out var share) ? share : 0.75,
            OnDue = _ => Interlocked.Increment(ref due),
        }));
        foreach (var (seconds, count) in new[] { (10, 1), (12, 2), (11, 3), (13, 4) })
        {
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(seconds));
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            due.Should().Be(count - 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Waiting.UntilAsync(() => Volatile.Read(ref due) == count);
        }
    }

    [Test]
    public async Task With_nobody_there_it_is_quiet_and_goes_on()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time, new() { OnDue = it => it.Broadcast("hello") }));
        for (var round = 1; round <= 3; round++)
        {
            await time.WaitForTimerAsync(Interval, round);
            time.Advance(Interval);
        }

        await time.WaitForTimerAsync(Interval, 4);
        Logs.Count(LogRecorder.PeriodicBroadcastFailed).Should().Be(0);
        var client = await OpenAsync(server);
        time.Advance(Interval);
        (await client.ReadTextAsync()).Should().Be("hello");
    }

    [Test]
    public async Task An_exception_does_not_end_it()
    {
        var time = new WatchedTime();
        var round = 0;
        var server = await StartAsync(Options(time, new()
        {
            OnDue = it => it.Broadcast(++round % 2 == 1 ? throw new InvalidOperationException("odd") : $"{round}"),
        }));
        var client = await OpenAsync(server);
        for (var i = 1; i <= 4; i++)
        {
            await time.WaitForTimerAsync(Interval, i);
            time.Advance(Interval);
        }

        (await client.ReadTextAsync()).Should().Be("2");
        (await client.ReadTextAsync()).Should().Be("4");
        Logs.Count(LogRecorder.PeriodicBroadcastFailed).Should().Be(2);
    }

    [Test]
    public async Task An_exception_that_looks_like_the_end_does_not_end_it()
    {
        var time = new WatchedTime();
        await StartAsync(Options(time, new() { OnDue = _ => throw new OperationCanceledException() }));
        await time.WaitForTimerAsync(Interval);
        time.Advance(Interval);

        await time.WaitForTimerAsync(Interval, 2);
        Logs.Count(LogRecorder.PeriodicBroadcastFailed).Should().Be(1);
    }

    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    [TestCase(double.MaxValue)]
    [TestCase(-1000.0)]
    public async Task A_share_that_is_none_is_logged_and_the_interval_is_kept(double share)
    {
        var time = new WatchedTime();
        var due = 0;
        var starting = Task.Run(() => StartAsync(Options(time, new()
        {
            MaxJitter = TimeSpan.FromSeconds(1),
            NextJitter = () => share,
            OnDue = _ => Interlocked.Increment(ref due),
        })));
        await starting.Soon();
        await time.WaitForTimerAsync(Interval);
        Logs.Count(LogRecorder.PeriodicBroadcastFailed).Should().Be(1);

        time.Advance(Interval);

        await time.WaitForTimerAsync(Interval, 2);
        due.Should().Be(1);
    }

    [Test]
    public async Task A_jitter_that_throws_is_logged_and_the_interval_is_kept()
    {
        var time = new WatchedTime();
        var due = 0;
        var starting = Task.Run(() => StartAsync(Options(time, new()
        {
            NextJitter = () => throw new InvalidOperationException("no luck"),
            OnDue = _ => Interlocked.Increment(ref due),
        })));
        await starting.Soon();
        await time.WaitForTimerAsync(Interval);
        time.Advance(Interval);

        await time.WaitForTimerAsync(Interval, 2);
        due.Should().Be(1);
        Logs.Count(LogRecorder.PeriodicBroadcastFailed).Should().Be(2);
    }

    [Test]
    public async Task It_ends_with_the_server()
    {
        var time = new WatchedTime();
        var due = 0;
        var server = await StartAsync(Options(time, new() { OnDue = _ => Interlocked.Increment(ref due) }));
        await time.WaitForTimerAsync(Interval);

        await server.StopAsync().Soon();
        time.Advance(Interval);

        due.Should().Be(0);
        time.TimersSet(Interval).Should().Be(1);
    }

    [Test]
    public async Task It_may_stop_the_server()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time, new() { OnDue = it => _ = it.StopAsync() }));
        var run = server.RunAsync();
        await time.WaitForTimerAsync(Interval);

        time.Advance(Interval);

        await run.Soon();
    }

    private WebSocketServerOptions Options(TimeProvider time, PeriodicBroadcast periodic) => new()
    {
        TimeProvider = time,
        LoggerFactory = Logs,
        PeriodicBroadcast = periodic,

        // Keepalive would set timers of its own.
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
        HandshakeTimeout = TimeSpan.FromDays(1),
    };
}
