using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

using RawSocketChat.Client.Tests.Support;
using RawSocketChat.Framing;
using RawSocketChat.Reconnecting;

namespace RawSocketChat.Client.Tests;

internal sealed class ComingBack : ReconnectFixture
{
    private static readonly WebSocketHandshakeException Unreachable = new(WebSocketHandshakeFault.Connect, "nobody there");

    [Test]
    public async Task Every_state_is_told_in_order()
    {
        var client = Client();
        client.Status.State.Should().Be(ReconnectState.Idle);
        Listen(client);

        (await ShouldBeAsync(ReconnectState.Connecting)).Attempt.Should().Be(1);
        var first = (await Network.NextAsync()).Succeed();
        var open = await ShouldBeAsync(ReconnectState.Open);
        open.Connection!.State.Should().Be(WebSocketState.Open);
        await first.CloseAsync((WebSocketCloseStatus)1012, "restart").AsTask().Soon();

        var waiting = await ShouldBeAsync(ReconnectState.Waiting);
        waiting.Attempt.Should().Be(2);
        waiting.Delay.Should().Be(TimeSpan.FromSeconds(0.5));
        waiting.Connection.Should().BeNull();
        waiting.Cause!.Closure!.Status.Should().Be((WebSocketCloseStatus)1012);
        client.Status.Should().Be(waiting);
        await Time.WaitForTimerAsync(waiting.Delay);
        Network.IsQuiet.Should().BeTrue();
        Time.Advance(waiting.Delay);

        (await ShouldBeAsync(ReconnectState.Connecting)).Should().Match<ReconnectStatus>(it => it.Attempt == 2 && it.Cause == waiting.Cause);
        var second = (await Network.NextAsync()).Succeed();
        (await ShouldBeAsync(ReconnectState.Open)).Attempt.Should().Be(2);

        var close = client.CloseAsync();
        await ShouldBeToldToCloseAsync(second, WebSocketCloseStatus.NormalClosure);
        await close.Soon();
        (await ShouldBeAsync(ReconnectState.Ended)).Cause!.Closure!.Initiator.Should().Be(CloseInitiator.Local);
    }

    [TestCase(0.0)]
    [TestCase(0.5)]
    [TestCase(0.999)]
    public async Task The_bound_on_the_delay_doubles_up_to_the_cap_and_the_delay_is_drawn_below_it(double drawn)
    {
        Random.Value = drawn;
        _ = Client().ConnectAsync();
        var delays = new List<TimeSpan>();
        foreach (var bound in new[] { 1, 2, 4, 8, 16, 30, 30, 30 })
        {
            await ShouldBeAsync(ReconnectState.Connecting);
            (await Network.NextAsync()).Fail(Unreachable);
            var waiting = await ShouldBeAsync(ReconnectState.Waiting);
            waiting.Delay.Should().BeCloseTo(drawn * TimeSpan.FromSeconds(bound), TimeSpan.FromTicks(1));
            waiting.Cause!.Failure.Should().BeSameAs(Unreachable);
            if (waiting.Delay > TimeSpan.Zero)
            {
                // At the cap the same delay comes again: the timer of this time is what must be set.
                delays.Add(waiting.Delay);
                await Time.WaitForTimerAsync(waiting.Delay, delays.Count(delay => delay == waiting.Delay));
                Time.Advance(TimeSpan.FromSeconds(30));
            }
        }
    }

    [Test]
    public async Task Disposal_waits_also_for_a_connection_that_has_ended_before()
    {
        var client = Client();
        Listen(client);
        await ShouldBeAsync(ReconnectState.Connecting);
        var transport = new LingeringTransport();
        (await Network.NextAsync()).Succeed(new WebSocketConnection(transport, EndpointRole.Client, new() { KeepAliveInterval = Timeout.InfiniteTimeSpan }));
        await ShouldBeAsync(ReconnectState.Open);
        transport.Peer.Complete();
        await transport.Disposing.Soon();
        await ShouldBeAsync(ReconnectState.Waiting);

        var disposal = client.DisposeAsync().AsTask();

        await ShouldBeAsync(ReconnectState.Ended);
        disposal.IsCompleted.Should().BeFalse();
        transport.Release();
        await disposal.Soon();
    }

    [Test]
    public void After_any_number_of_failures_the_cap_still_holds()
    {
        Random.Value = 1;

        Backoff.Next(Options(), int.MaxValue).Should().Be(TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task A_healthy_connection_begins_the_count_anew()
    {
        Listen(Client());
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);
        await LetDelayPassAsync();
        var server = await OpenAsync();
        Time.Advance(TimeSpan.FromSeconds(30));
        server.Abort();

        (await ShouldBeAsync(ReconnectState.Waiting)).Should().Match<ReconnectStatus>(
            it => it.Attempt == 1 && it.Delay == TimeSpan.FromSeconds(0.5));
        await Time.WaitForTimerAsync(TimeSpan.FromSeconds(0.5), 2);
        Time.Advance(TimeSpan.FromSeconds(0.5));
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);

        (await ShouldBeAsync(ReconnectState.Waiting)).Should().Match<ReconnectStatus>(
            it => it.Attempt == 2 && it.Delay == TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task The_only_attempt_that_it_may_make_follows_a_healthy_connection_too()
    {
        Listen(Client(Options(attempts: 1)));
        var server = await OpenAsync();
        Time.Advance(TimeSpan.FromSeconds(30));
        server.Abort();

        (await LetDelayPassAsync()).Attempt.Should().Be(1);
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);
        await ShouldBeAsync(ReconnectState.Ended);
    }

    [Test]
    public async Task A_connection_that_is_cut_at_once_does_not()
    {
        Listen(Client());
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);
        await LetDelayPassAsync();
        var server = await OpenAsync();
        Time.Advance(TimeSpan.FromSeconds(29));
        server.Abort();

        (await ShouldBeAsync(ReconnectState.Waiting)).Should().Match<ReconnectStatus>(
            it => it.Attempt == 3 && it.Delay == TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task It_gives_up_after_as_many_attempts_as_it_may_make()
    {
        var client = Client(Options(attempts: 2));
        var connect = client.ConnectAsync();
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);
        await LetDelayPassAsync();
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);

        (await ShouldBeAsync(ReconnectState.Ended)).Cause!.Failure.Should().BeSameAs(Unreachable);
        var wait = () => connect.Soon();
        (await wait.Should().ThrowAsync<NotConnectedException>()).Which.Cause!.Failure.Should().BeSameAs(Unreachable);
    }

    [Test]
    public async Task A_refusal_that_is_meant_ends_it()
    {
        var client = Client();
        var received = Listen(client);
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(new WebSocketHandshakeException(WebSocketHandshakeFault.RefusedStatus, "no") { StatusCode = 401 });

        await ShouldBeAsync(ReconnectState.Ended);
        await received.Reader.Completion.Soon();
        var send = () => client.SendAsync("too late").AsTask();
        await send.Should().ThrowAsync<NotConnectedException>();
    }

    [Test]
    public async Task The_user_may_judge_otherwise()
    {
        var judged = new List<ReconnectCause>();
        Listen(Client(new()
        {
            Random = Random,
            OnStateChanged = RecordAsync,
            ShouldReconnect = cause =>
            {
                judged.Add(cause);
                return judged.Count < 2;
            },
        }));
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(new WebSocketHandshakeException(WebSocketHandshakeFault.RefusedStatus, "no") { StatusCode = 401 });
        await LetDelayPassAsync();
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);

        await ShouldBeAsync(ReconnectState.Ended);
        judged.Should().HaveCount(2).And.OnlyContain(cause => cause.Failure is WebSocketHandshakeException);
    }

    [Test]
    public async Task A_judgement_that_fails_ends_it_with_its_failure()
    {
        Listen(Client(new() { OnStateChanged = RecordAsync, ShouldReconnect = _ => throw new InvalidOperationException("no idea") }));
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(Unreachable);

        (await ShouldBeAsync(ReconnectState.Ended)).Cause!.Failure.Should().BeOfType<InvalidOperationException>();
    }

    [Test]
    public async Task Each_attempt_may_go_elsewhere()
    {
        var asked = new List<int>();
        Listen(Client(new()
        {
            Random = Random,
            OnStateChanged = RecordAsync,
            GetTarget = (attempt, _) =>
            {
                asked.Add(attempt);
                return attempt == 2
                    ? throw new IOException("no token to be had")
                    : ValueTask.FromResult(new ReconnectTarget(new($"ws://example.com/?token={attempt}")));
            },
        }));
        await ShouldBeAsync(ReconnectState.Connecting);
        var first = await Network.NextAsync();
        first.Uri.Query.Should().Be("?token=1");
        first.Fail(Unreachable);
        await LetDelayPassAsync();

        await ShouldBeAsync(ReconnectState.Connecting);
        var waiting = await LetDelayPassAsync();
        waiting.Cause!.Failure.Should().BeOfType<IOException>();
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Uri.Query.Should().Be("?token=3");
        asked.Should().Equal(1, 2, 3);
    }

    [Test]
    public async Task A_hook_that_gives_no_URI_of_a_WebSocket_ends_it()
    {
        foreach (var wrong in new[] { null!, new ReconnectTarget(new("ftp://example.com/")) })
        {
            Listen(new ReconnectingWebSocketClient(
                Anywhere, null, new() { OnStateChanged = RecordAsync, GetTarget = (_, _) => new(wrong) }, WebSocketClient.ConnectAsync));

            await ShouldBeAsync(ReconnectState.Connecting);
            (await ShouldBeAsync(ReconnectState.Ended)).Cause!.Failure.Should().BeAssignableTo<ArgumentException>();
        }
    }

    [Test]
    public async Task Messages_of_all_connections_come_in_one_loop()
    {
        var received = Listen(Client());
        for (var round = 1; round <= 3; round++)
        {
            var server = await OpenAsync();
            await server.SendAsync($"{round}a");
            await server.SendAsync($"{round}b");
            await server.CloseAsync((WebSocketCloseStatus)1012).AsTask().Soon();
            (await received.Reader.ReadAsync().Soon()).Should().Be($"{round}a");
            (await received.Reader.ReadAsync().Soon()).Should().Be($"{round}b");
            Random.Value = 0.5 + (0.01 * round);
            await LetDelayPassAsync();
        }
    }

    [Test]
    public async Task A_message_that_is_looked_at_stays_valid_though_its_connection_has_ended_and_another_is_open()
    {
        var client = Client();
        await using var messages = client.ReadAllAsync().GetAsyncEnumerator();
        var next = messages.MoveNextAsync().AsTask();
        var first = await OpenAsync();
        await first.SendAsync("look at me");
        (await next.Soon()).Should().BeTrue();

        client.Status.Connection!.Abort();
        await LetDelayPassAsync();
        var second = await OpenAsync();

        messages.Current.Text.Should().Be("look at me");
        await second.SendAsync("now me");
        (await messages.MoveNextAsync().Soon()).Should().BeTrue();
        messages.Current.Text.Should().Be("now me");
    }

    [Test]
    public async Task A_loop_that_is_cancelled_leaves_the_client_as_it_is()
    {
        var client = Client();
        using var cancel = new CancellationTokenSource();
        var loop = Task.Run(async () =>
        {
            await foreach (var message in client.ReadAllAsync(cancel.Token))
            {
                _ = message;
            }
        });
        var server = await OpenAsync();
        await cancel.CancelAsync();
        var wait = () => loop.Soon();
        await wait.Should().ThrowAsync<OperationCanceledException>();

        var received = Listen(client);
        await server.SendAsync("still here");
        (await received.Reader.ReadAsync().Soon()).Should().Be("still here");
    }

    [Test]
    public async Task Two_loops_at_once_are_an_error_of_the_program()
    {
        var client = Client();
        await using var one = client.ReadAllAsync().GetAsyncEnumerator();
        var pending = one.MoveNextAsync().AsTask();
        var server = await OpenAsync();
        await server.SendAsync("x");
        await pending.Soon();

        await using var other = client.ReadAllAsync().GetAsyncEnumerator();
        var read = () => other.MoveNextAsync().Soon();
        await read.Should().ThrowAsync<InvalidOperationException>();
    }

    [Test]
    public async Task A_peer_that_is_gone_without_a_word_is_noticed()
    {
        var options = new WebSocketClientOptions
        {
            TimeProvider = Time,
            KeepAliveInterval = TimeSpan.FromSeconds(7),
            KeepAliveTimeout = TimeSpan.FromSeconds(3),
        };
        var client = Client(options: options);
        Listen(client);
        await OpenAsync();
        await Waiting.UntilAsync(() =>
        {
            // The loop may not be listening yet when a period ends; the next one then decides.
            Time.Advance(TimeSpan.FromSeconds(1));
            return client.Status.State != ReconnectState.Open;
        });

        (await ShouldBeAsync(ReconnectState.Waiting)).Cause!.Closure!.Cause.Should().Be(CloseCause.KeepAliveTimeout);
    }

    [Test]
    public async Task A_login_goes_before_everything_else()
    {
        var client = Client(new()
        {
            MaxQueuedMessages = 10,
            OnStateChanged = async (status, cancellationToken) =>
            {
                if (status.Connection is { } connection)
                {
                    await connection.SendAsync("login", cancellationToken);
                    (await connection.ReceiveAsync(cancellationToken)).Text.Should().Be("welcome");
                    await RecordAsync(status, cancellationToken);
                }
            },
        });
        var received = Listen(client);
        var waiting = client.SendAsync("first");
        var server = (await Network.NextAsync()).Succeed();

        (await server.ReceiveAsync().Soon()).Text.Should().Be("login");
        waiting.IsCompleted.Should().BeFalse();
        await server.SendAsync("welcome");
        (await server.ReceiveAsync().Soon()).Text.Should().Be("first");
        await waiting.AsTask().Soon();
        await server.SendAsync("hello");
        (await received.Reader.ReadAsync().Soon()).Should().Be("hello");
    }

    [Test]
    public async Task A_callback_that_throws_holds_nothing_up()
    {
        Listen(Client(new()
        {
            Random = Random,
            OnStateChanged = async (status, cancellationToken) =>
            {
                await RecordAsync(status, cancellationToken);
                throw new InvalidOperationException("not today");
            },
        }));

        var server = await OpenAsync();
        server.Abort();
        await LetDelayPassAsync();
        await OpenAsync();
    }

    // Takes its time to end.
    private sealed class LingeringTransport : Transport
    {
        private readonly Pipe _input = new();
        private readonly TaskCompletionSource _disposing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PipeWriter Peer => _input.Writer;

        public Task Disposing => _disposing.Task;

        public override PipeReader Input => _input.Reader;

        public void Release() => _released.SetResult();

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes) => default;

        public override ValueTask ShutdownAsync() => default;

        public override void Abort() => _input.Writer.Complete();

        public override ValueTask DisposeAsync()
        {
            _disposing.TrySetResult();
            return new(_released.Task);
        }
    }
}
