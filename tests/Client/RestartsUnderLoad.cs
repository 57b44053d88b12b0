using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

/// <summary>A server that is killed and replaced again and again while several callers send without a pause.</summary>
internal sealed class RestartsUnderLoad : ClientFixture
{
    private const int Rounds = 50;
    private const int Senders = 4;
    private const int MessagesInARound = 200;

    // What arrived: the message's number, and over which of the server's connections, which are numbered in their order.
    private readonly ConcurrentQueue<(int Sender, int Number, long Connection)> _received = new();
    private readonly ConcurrentQueue<ReconnectStatus> _states = new();
    private int _receivedInRound;
    private Uri _uri = null!;

    [Test]
    public async Task It_ends_connected_nothing_comes_twice_and_nothing_is_lost_in_silence()
    {
        var server = await StartRoundAsync();
        var client = Own(new ReconnectingWebSocketClient(_uri, Options(), new()
        {
            BaseDelay = TimeSpan.FromMilliseconds(1),
            MaxDelay = TimeSpan.FromMilliseconds(5),
            MaxQueuedMessages = Senders + 1,
            GetTarget = (_, _) => ValueTask.FromResult(new ReconnectTarget(Volatile.Read(ref _uri))),
            OnStateChanged = (status, _) =>
            {
                _states.Enqueue(status);
                return default;
            },
        }));
        var echoed = ReadAsync(client);
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(client, sender, stop.Token))).ToArray();
        var tries = Task.Run(() => TryAsync(client, Senders, stop.Token));

        for (var round = 1; round <= Rounds; round++)
        {
            await Waiting.UntilAsync(() => Volatile.Read(ref _receivedInRound) >= MessagesInARound);
            await KillAsync(server, gracefully: round % 2 == 0);
            server = await StartRoundAsync();
        }

        await Waiting.UntilAsync(() => Volatile.Read(ref _receivedInRound) >= MessagesInARound);
        await stop.CancelAsync();
        var ledgers = await Task.WhenAll([.. senders, tries]).Soon();

        client.Status.State.Should().Be(ReconnectState.Open);
        await Waiting.UntilAsync(() => client.Status.Connection!.OutgoingBytes == 0);
        await client.CloseAsync().Soon();
        var echoes = await echoed.Soon();
        Judge(ledgers, echoes);
    }

    private void Judge(IReadOnlyList<Ledger> ledgers, int echoes)
    {
        var ends = _states.Count(status => status.State == ReconnectState.Waiting && status.Cause!.Closure is not null);
        ends.Should().BeGreaterThanOrEqualTo(Rounds, "a connection that was cut may come back to the same server before that is gone");
        _states.Count(status => status.State == ReconnectState.Open).Should().Be(ends + 1, "each end is told");
        _received.DistinctBy(one => (one.Sender, one.Number)).Should().HaveCount(_received.Count, "nothing comes twice");
        var arrived = _received.ToDictionary(one => (one.Sender, one.Number), one => one.Connection);

        var last = arrived.Values.Max();
        var (lost, refused) = (0, 0);
        for (var sender = 0; sender < ledgers.Count; sender++)
        {
            var ledger = ledgers[sender];
            refused += ledger.Refused.Count;
            ledger.Refused.Count(number => arrived.ContainsKey((sender, number))).Should().Be(0, "what was refused was not sent");

            // What is lost was on its way when a connection ended, which was told: so it is the last of its connection.
            var connection = -1L;
            var gap = 0;
            foreach (var number in ledger.Handed)
            {
                if (!arrived.TryGetValue((sender, number), out var at))
                {
                    gap++;
                    continue;
                }

                (gap > 0 && at == connection).Should().BeFalse("a message before the {0}th of sender {1} was lost in the middle of a connection", number, sender);
                at.Should().BeGreaterThanOrEqualTo(connection);
                (connection, lost, gap) = (at, lost + gap, 0);
            }

            // A sender that was not given a turn since the last connection opened has lost what it had handed to the one before.
            (gap == 0 || connection < last).Should().BeTrue("the last connection was closed behind everything");
            lost += gap;
        }

        TestContext.Out.WriteLine(
            $"{ledgers.Sum(ledger => ledger.Handed.Count)} handed over, {arrived.Count} arrived, {lost} lost with {ends} ends that were told, "
            + $"{refused} refused, {ledgers.Sum(ledger => ledger.InDoubt)} failed with their connection, {echoes} echoes");
    }

    private static async Task<Ledger> SendAsync(ReconnectingWebSocketClient client, int sender, CancellationToken stop)
    {
        var ledger = new Ledger();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            try
            {
                await client.SendAsync($"{sender} {number}", CancellationToken.None);
                ledger.Handed.Add(number);
            }
            catch (NotConnectedException)
            {
                ledger.Refused.Add(number);
            }
            catch (ConnectionClosedException)
            {
                ledger.InDoubt++;
            }

            await Task.Yield();
        }

        return ledger;
    }

    private static async Task<Ledger> TryAsync(ReconnectingWebSocketClient client, int sender, CancellationToken stop)
    {
        var ledger = new Ledger();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var isHanded = client.TrySend(Encoding.UTF8.GetBytes($"{sender} {number}"), WebSocketMessageType.Text);
            (isHanded ? ledger.Handed : ledger.Refused).Add(number);
            await Task.Yield();
        }

        return ledger;
    }

    private static async Task<int> ReadAsync(ReconnectingWebSocketClient client)
    {
        var count = 0;
        await foreach (var message in client.ReadAllAsync())
        {
            _ = message;
            count++;
        }

        return count;
    }

    private static async Task KillAsync(WebSocketServer server, bool gracefully)
    {
        if (!gracefully)
        {
            foreach (var connection in server.Connections)
            {
                connection.Abort();
            }
        }

        await server.StopAsync().Soon();
    }

    private async Task<WebSocketServer> StartRoundAsync()
    {
        Volatile.Write(ref _receivedInRound, 0);
        var server = await StartAsync(async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                var parts = message.Text.Split(' ');
                _received.Enqueue((int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), connection.Id));
                Interlocked.Increment(ref _receivedInRound);
                await connection.SendAsync(message, stopping);
            }
        });
        Volatile.Write(ref _uri, UriOf(server));
        return server;
    }

    private sealed class Ledger
    {
        public List<int> Handed { get; } = [];

        public List<int> Refused { get; } = [];

        public int InDoubt { get; set; }
    }
}
