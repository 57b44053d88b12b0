using System.Net.WebSockets;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

/// <summary>A message is known to have been handed to a connection, or its sender is told that it was not.</summary>
internal sealed class SendingWhileAway : ReconnectFixture
{
    private static readonly ReadOnlyMemory<byte> Payload = "x"u8.ToArray();

    [Test]
    public async Task Without_a_queue_a_send_is_refused_and_a_try_answers_no()
    {
        var client = Client();
        var send = () => client.SendAsync("lost").AsTask();
        await send.Should().ThrowAsync<NotConnectedException>();
        client.TrySend(Payload, WebSocketMessageType.Text).Should().BeFalse();
        client.TrySend(PreparedMessage.FromText("x")).Should().BeFalse();

        Listen(client);
        var server = await OpenAsync();
        await UntilDirectAsync(client);
        await client.SendAsync("found").AsTask().Soon();
        client.TrySend(Payload, WebSocketMessageType.Text).Should().BeTrue();
        client.TrySend(PreparedMessage.FromText("y")).Should().BeTrue();
        (await server.ReceiveAsync().Soon()).Text.Should().Be("found");
        (await server.ReceiveAsync().Soon()).Text.Should().Be("x");
        (await server.ReceiveAsync().Soon()).Text.Should().Be("y");
    }

    [Test]
    public async Task A_refusal_tells_why_there_is_no_connection()
    {
        var client = Client();
        Listen(client);
        var server = await OpenAsync();
        await UntilDirectAsync(client);
        await server.CloseAsync((WebSocketCloseStatus)1012).AsTask().Soon();
        await ShouldBeAsync(ReconnectState.Waiting);

        var send = () => client.SendAsync("lost").AsTask();
        (await send.Should().ThrowAsync<NotConnectedException>()).Which.Cause!.Closure!.Status.Should().Be((WebSocketCloseStatus)1012);
    }

    [Test]
    public async Task With_a_queue_sends_wait_and_go_out_in_the_order_of_the_calls()
    {
        var client = Client(Options(queued: 3));
        Task[] sends = [client.SendAsync("1").AsTask(), client.SendAsync(PreparedMessage.FromText("2")).AsTask(), client.SendAsync("3").AsTask()];
        client.TrySend(Payload, WebSocketMessageType.Text).Should().BeFalse("it never waits");
        var oneMore = () => client.SendAsync("4").AsTask();
        await oneMore.Should().ThrowAsync<NotConnectedException>();
        sends.Should().OnlyContain(send => !send.IsCompleted);

        Listen(client);
        var server = await OpenAsync();

        foreach (var text in new[] { "1", "2", "3" })
        {
            (await server.ReceiveAsync().Soon()).Text.Should().Be(text);
        }

        await Task.WhenAll(sends).Soon();
    }

    [Test]
    public async Task What_waits_stays_in_its_place_over_several_failures()
    {
        var client = Client(Options(queued: 1));
        var send = client.SendAsync("patient").AsTask();
        Listen(client);
        await ShouldBeAsync(ReconnectState.Connecting);
        (await Network.NextAsync()).Fail(new WebSocketHandshakeException(WebSocketHandshakeFault.Connect, ""));
        await LetDelayPassAsync();
        var server = await OpenAsync();

        (await server.ReceiveAsync().Soon()).Text.Should().Be("patient");
        await send.Soon();
    }

    [Test]
    public async Task A_message_that_waits_can_be_taken_back()
    {
        var client = Client(Options(queued: 2));
        using var cancel = new CancellationTokenSource();
        var taken = client.SendAsync("never mind", cancel.Token).AsTask();
        var kept = client.SendAsync("kept").AsTask();
        await cancel.CancelAsync();
        var wait = () => taken.Soon();
        await wait.Should().ThrowAsync<OperationCanceledException>();

        Listen(client);
        var server = await OpenAsync();

        (await server.ReceiveAsync().Soon()).Text.Should().Be("kept");
        await kept.Soon();
    }

    [Test]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        var client = Client(Options(queued: 1));
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        var send = () => client.SendAsync("never", cancel.Token).AsTask();
        await send.Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task What_still_waits_at_the_end_is_told_as_not_sent()
    {
        var client = Client(Options(queued: 2));
        Task[] sends = [client.SendAsync("1").AsTask(), client.SendAsync("2").AsTask()];

        await client.CloseAsync().Soon();

        foreach (var send in sends)
        {
            var wait = () => send.Soon();
            await wait.Should().ThrowAsync<NotConnectedException>();
        }
    }

    [Test]
    public async Task A_send_whose_connection_ends_fails_and_is_not_repeated_on_the_next()
    {
        var client = Client(Options(queued: 10));
        Listen(client);
        await OpenAsync();
        await UntilDirectAsync(client);
        // More than the connection's buffer and the pipe take, so that the second one waits for room.
        var large = new byte[2 * 1024 * 1024];
        var first = client.SendAsync(large, WebSocketMessageType.Binary).AsTask();
        var second = client.SendAsync(large, WebSocketMessageType.Binary).AsTask();
        second.IsCompleted.Should().BeFalse();

        client.Status.Connection!.Abort();

        var wait = () => second.Soon();
        await wait.Should().ThrowAsync<ConnectionClosedException>();
        await first.Soon().ContinueWith(_ => { }, TaskScheduler.Default);
        await LetDelayPassAsync();
        var server = await OpenAsync();
        await client.SendAsync("next").AsTask().Soon();
        (await server.ReceiveAsync().Soon()).Text.Should().Be("next");
    }

    [Test]
    public async Task While_what_waited_is_handed_over_nothing_goes_past_it()
    {
        var client = Client(Options(queued: 3));
        // It fills the connection's buffer and the pipe: the next in the queue waits for room.
        var large = new byte[2 * 1024 * 1024];
        var first = client.SendAsync(large, WebSocketMessageType.Binary).AsTask();
        var second = client.SendAsync(large, WebSocketMessageType.Binary).AsTask();
        Listen(client);
        var server = await OpenAsync();
        var third = client.SendAsync("last").AsTask();
        client.TrySend(Payload, WebSocketMessageType.Text).Should().BeFalse();

        for (var i = 0; i < 2; i++)
        {
            await using var stream = await server.ReceiveStreamAsync().Soon();
            await stream.CopyToAsync(Stream.Null).Soon();
        }

        (await server.ReceiveAsync().Soon()).Text.Should().Be("last");
        await Task.WhenAll(first, second, third).Soon();
    }

    [Test]
    public async Task What_waits_is_not_spent_on_a_connection_that_ended_before_it_was_handed_over()
    {
        const int Count = 10;
        var opens = 0;
        var client = Client(new()
        {
            Random = Random,
            MaxQueuedMessages = Count,
            OnStateChanged = async (status, token) =>
            {
                if (status.Connection is { } connection && ++opens == 1)
                {
                    connection.Abort();
                }

                await RecordAsync(status, token);
            },
        });
        var sends = Enumerable.Range(0, Count).Select(i => client.SendAsync($"{i}").AsTask()).ToArray();
        Listen(client);
        await OpenAsync();
        await LetDelayPassAsync();
        sends.Should().OnlyContain(send => !send.IsCompleted);

        var server = await OpenAsync();

        for (var i = 0; i < Count; i++)
        {
            (await server.ReceiveAsync().Soon()).Text.Should().Be($"{i}");
        }

        await Task.WhenAll(sends).Soon();
    }

    [Test]
    public async Task A_client_that_is_closed_during_a_login_gives_the_connection_to_nobody()
    {
        var inLogin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var client = Client(new()
        {
            MaxQueuedMessages = 1,
            OnStateChanged = async (status, token) =>
            {
                if (status.Connection is { } connection)
                {
                    inLogin.SetResult();
                    await connection.ReceiveAsync(CancellationToken.None);
                }
            },
        });
        var waiting = client.SendAsync("not before the login").AsTask();
        var received = Listen(client);
        var server = (await Network.NextAsync()).Succeed();
        await inLogin.Task.Soon();

        var close = client.CloseAsync();

        await ShouldBeToldToCloseAsync(server, WebSocketCloseStatus.NormalClosure);
        await close.Soon();
        await FluentActions.Awaiting(() => waiting.Soon()).Should().ThrowAsync<NotConnectedException>();
        (await received.Reader.WaitToReadAsync().AsTask().Soon()).Should().BeFalse("the loop has ended well");
    }

    [Test]
    public async Task A_state_callback_that_sends_what_would_wait_for_it_is_told_so()
    {
        var told = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var later = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ReconnectingWebSocketClient? client = null;
        client = Client(new()
        {
            MaxQueuedMessages = 1,
            OnStateChanged = async (status, token) =>
            {
                if (status.Connection is not null)
                {
                    later.SetResult(Task.Run(async () =>
                    {
                        await goOn.Task;
                        await client!.SendAsync("later", CancellationToken.None);
                    }, CancellationToken.None));
                    told.SetResult(await client!.SendAsync("subscribe", token).AsTask().ContinueWith(
                        static send => send.Exception?.InnerException, TaskScheduler.Default));
                }
            },
        });
        Listen(client);
        var server = (await Network.NextAsync()).Succeed();

        (await told.Task.Soon()).Should().BeOfType<InvalidOperationException>();

        await UntilDirectAsync(client);
        goOn.SetResult();
        (await server.ReceiveAsync().Soon()).Text.Should().Be("later", "what the callback has begun may send when it is over");
        await (await later.Task).Soon();
    }

    // The state is told before messages may go, so that a login can go first.
    private static Task UntilDirectAsync(ReconnectingWebSocketClient client) => client.ConnectAsync().Soon();
}
