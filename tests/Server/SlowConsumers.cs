using System.Diagnostics;

using RawSocketChat.Framing;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class SlowConsumers : ServerFixture
{
    private const int SmallBuffer = 4096;

    [Test]
    public async Task Of_1000_members_one_never_reads_and_the_others_get_every_message_as_if_it_were_not_there()
    {
        const int Members = 1000;
        const int Messages = 200;

        // On a busy machine it takes longer than the peers, who answer no pings, may be silent.
        var server = await StartAsync(
            new WebSocketServerOptions { MaxOutgoingBytes = 256 * 1024, KeepAliveInterval = Timeout.InfiniteTimeSpan, LoggerFactory = Logs }, ListenAsync);
        var readers = new List<RawClient>();
        for (var i = 0; i < Members - 1; i++)
        {
            readers.Add(await OpenAsync(server));
        }

        var without = await TimeAsync("without");
        Logs.Count(LogRecorder.SlowConsumerClosed).Should().Be(0);
        var stalled = await OpenAsync(server, SmallBuffer);
        var with = await TimeAsync("with");

        server.ClosedSlowConsumers.Should().Be(1);
        Logs.Count(LogRecorder.SlowConsumerClosed).Should().Be(1);
        server.DroppedMessages.Should().Be(0);
        TestContext.Out.WriteLine($"{Members - 1} members, {Messages} messages: {without} without, {with} with one that never reads");
        with.Should().BeLessThan((5 * without) + TimeSpan.FromSeconds(5), "nobody waits for the one who does not read");
        (await stalled.ReadUntilCloseAsync()).Should().Be(1008);

        async Task<TimeSpan> TimeAsync(string round)
        {
            // All together are larger than what the kernel's buffers take for the one who never reads.
            var padding = new string('x', 64 * 1024);
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < Messages; i++)
            {
                var text = $"{round} {i}";
                var message = PreparedMessage.FromText(i % 4 == 0 ? text + padding : text);
                var result = server.Broadcast(message);
                result.Dropped.Should().Be(0);
                result.Accepted.Should().BeGreaterThanOrEqualTo(Members - 1);
                if (i % 4 == 3)
                {
                    await Parallel.ForEachAsync(readers, async (reader, _) =>
                    {
                        for (var j = i - 3; j <= i; j++)
                        {
                            var received = await reader.ReadTextAsync();
                            if (!received.StartsWith($"{round} {j}", StringComparison.Ordinal))
                            {
                                throw new InvalidOperationException($"{received[..20]} came instead of {round} {j}");
                            }
                        }
                    });
                }
            }

            return Stopwatch.GetElapsedTime(begin);
        }
    }

    [Test]
    public async Task Under_Close_the_slow_one_is_closed_with_1008_and_counted_once()
    {
        var server = await StartAsync(
            new WebSocketServerOptions { MaxOutgoingBytes = 64 * 1024, LoggerFactory = Logs, CloseTimeout = Waiting.Bound }, ListenAsync);
        var slow = await OpenAsync(server, SmallBuffer);
        var message = PreparedMessage.FromText(new string('x', 16 * 1024));
        var closed = 0;
        var accepted = 0;
        while (closed == 0)
        {
            var result = server.Broadcast(message);
            closed += result.Closed;
            accepted += result.Accepted;
            result.Dropped.Should().Be(0);
        }

        // It is still there, as it has not answered the close: it gets nothing, and is not counted again.
        server.Broadcast(message).Should().Be(default(BroadcastResult));
        server.ClosedSlowConsumers.Should().Be(1);

        var received = 0;
        RawFrame frame;
        while ((frame = await slow.ReadFrameAsync()).Opcode != Opcode.Close)
        {
            frame.Payload.Should().HaveCount(16 * 1024);
            received++;
        }

        frame.CloseStatus.Should().Be(1008);
        received.Should().BeLessThan(accepted, "what waited is discarded");
        await slow.CloseAsync();
        await Logs.WaitForAsync(LogRecorder.Closed);
        server.Connections.Count.Should().Be(0);
        Logs.Count(LogRecorder.SlowConsumerClosed).Should().Be(1);
    }

    [Test]
    public async Task A_slow_one_that_never_answers_the_close_is_cut_at_the_close_timeout()
    {
        var time = new WatchedTime();
        var server = await StartAsync(
            new WebSocketServerOptions
            {
                MaxOutgoingBytes = 64 * 1024,
                LoggerFactory = Logs,
                TimeProvider = time,
                CloseTimeout = TimeSpan.FromSeconds(3),
            },
            ListenAsync);
        await OpenAsync(server, SmallBuffer);
        var message = PreparedMessage.FromText(new string('x', 16 * 1024));
        while (server.Broadcast(message).Closed == 0)
        {
        }

        server.Connections.Count.Should().Be(1);
        time.Advance(TimeSpan.FromSeconds(3));

        await Logs.WaitForAsync(LogRecorder.Closed);
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task Under_DropNewest_what_is_accepted_arrives_and_what_is_dropped_does_not()
    {
        const int Messages = 2000;
        var server = await StartAsync(
            new WebSocketServerOptions { MaxOutgoingBytes = 64 * 1024, SlowConsumerPolicy = SlowConsumerPolicy.DropNewest }, ListenAsync);
        var slow = await OpenAsync(server, SmallBuffer);
        var accepted = new List<int>();
        for (var i = 0; i < Messages; i++)
        {
            var result = server.Broadcast(Numbered(i));
            (result.Accepted + result.Dropped).Should().Be(1);
            result.Closed.Should().Be(0);
            if (result.Accepted == 1)
            {
                accepted.Add(i);
            }
        }

        accepted.Count.Should().BeInRange(1, Messages - 1, "some must have been dropped");
        server.DroppedMessages.Should().Be(Messages - accepted.Count);
        foreach (var number in accepted)
        {
            NumberOf(await slow.ReadTextAsync()).Should().Be(number);
        }

        server.Broadcast("after").Accepted.Should().Be(1, "it has caught up");
        (await slow.ReadTextAsync()).Should().Be("after");
        server.ClosedSlowConsumers.Should().Be(0);
    }

    [Test]
    public async Task Under_DropOldest_the_newest_arrive_and_the_gap_is_what_was_counted()
    {
        const int Messages = 2000;
        var server = await StartAsync(
            new WebSocketServerOptions { MaxOutgoingBytes = 64 * 1024, SlowConsumerPolicy = SlowConsumerPolicy.DropOldest }, ListenAsync);
        var slow = await OpenAsync(server, SmallBuffer);

        // The answer to its handshake may be there before the server knows that it is written; until then the first message could be dropped.
        await Waiting.UntilAsync(() => server.Connections.Single().OutgoingBytes == 0);
        var accepted = 0;
        long dropped = 0;
        for (var i = 0; i < Messages; i++)
        {
            var result = server.Broadcast(Numbered(i));
            accepted += result.Accepted;
            dropped += result.Dropped;
            result.Closed.Should().Be(0);
        }

        server.Broadcast("end");
        server.DroppedMessages.Should().BeGreaterThanOrEqualTo(dropped).And.BePositive();
        var received = new List<int>();
        for (string text; (text = await slow.ReadTextAsync()) != "end";)
        {
            received.Add(NumberOf(text));
        }

        received.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        received.Should().HaveCount(Messages - (int)server.DroppedMessages, "every message has arrived or was counted as dropped");
        received[0].Should().Be(0);
        received[^1].Should().BeGreaterThan(Messages - 10, "the newest are what is kept");
    }

    [Test]
    public async Task A_slow_one_changes_nothing_for_the_others([Values] SlowConsumerPolicy policy)
    {
        const int Messages = 500;
        var server = await StartAsync(
            new WebSocketServerOptions { MaxOutgoingBytes = 64 * 1024, SlowConsumerPolicy = policy }, ListenAsync);
        await OpenAsync(server, SmallBuffer);
        var quick = await OpenAsync(server);
        for (var i = 0; i < Messages; i++)
        {
            server.Broadcast(Numbered(i));
            NumberOf(await quick.ReadTextAsync()).Should().Be(i);
        }
    }

    private static PreparedMessage Numbered(int number) => PreparedMessage.FromText($"{number} {new string('x', 8 * 1024)}");

    private static int NumberOf(string text) => int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], null);
}
