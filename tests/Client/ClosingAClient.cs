using System.Net.WebSockets;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

internal sealed class ClosingAClient : ReconnectFixture
{
    [Test]
    public async Task Before_it_was_started_it_ends_at_once()
    {
        var client = Client();

        await client.CloseAsync().Soon();

        client.Status.State.Should().Be(ReconnectState.Ended);
        var connect = () => client.ConnectAsync().Soon();
        await connect.Should().ThrowAsync<NotConnectedException>();
        Network.IsQuiet.Should().BeTrue();
    }

    [Test]
    public async Task While_it_connects_the_attempt_is_given_up()
    {
        var client = Client();
        var received = Listen(client);
        var attempt = await Network.NextAsync();

        await client.CloseAsync().Soon();

        attempt.CancellationToken.IsCancellationRequested.Should().BeTrue();
        await received.Reader.Completion.Soon();
    }

    [Test]
    public async Task While_it_waits_there_is_no_other_attempt()
    {
        var client = Client();
        var received = Listen(client);
        (await Network.NextAsync()).Fail(new WebSocketHandshakeException(WebSocketHandshakeFault.Connect, ""));
        await ShouldBeAsync(ReconnectState.Connecting);
        var waiting = await ShouldBeAsync(ReconnectState.Waiting);

        await client.CloseAsync().Soon();

        (await ShouldBeAsync(ReconnectState.Ended)).Cause.Should().Be(waiting.Cause);
        await received.Reader.Completion.Soon();
        Time.Advance(TimeSpan.FromMinutes(1));
        Network.IsQuiet.Should().BeTrue();
    }

    [Test]
    public async Task While_it_is_open_the_peer_is_told_the_status()
    {
        var client = Client();
        var received = Listen(client);
        var server = await OpenAsync();

        var close = client.CloseAsync((WebSocketCloseStatus)4001, "enough");
        await ShouldBeToldToCloseAsync(server, (WebSocketCloseStatus)4001);
        server.CloseStatusDescription.Should().Be("enough");

        await close.Soon();
        await received.Reader.Completion.Soon();
        await client.CloseAsync().Soon();
        await client.DisposeAsync().AsTask().Soon();
        await client.DisposeAsync().AsTask().Soon();
    }

    [Test]
    public async Task A_connection_that_the_user_closes_ends_the_client()
    {
        var client = Client();
        var received = Listen(client);
        var server = await OpenAsync();

        client.Status.Connection!.StartClose(WebSocketCloseStatus.NormalClosure);
        await ShouldBeToldToCloseAsync(server, WebSocketCloseStatus.NormalClosure);

        await ShouldBeAsync(ReconnectState.Ended);
        await received.Reader.Completion.Soon();
    }

    [TestCase(1006)]
    [TestCase(1015)]
    [TestCase(99)]
    public async Task A_status_that_must_not_be_sent_is_refused(int status)
    {
        var close = () => Client().CloseAsync((WebSocketCloseStatus)status);

        await close.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Test]
    public async Task A_callback_may_close_the_client_and_wait_for_it()
    {
        ReconnectingWebSocketClient? client = null;
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client = Client(new()
        {
            OnStateChanged = async (status, _) =>
            {
                if (status.State == ReconnectState.Connecting)
                {
                    await client!.CloseAsync(cancellationToken: CancellationToken.None);
                    closed.SetResult();
                }
            },
        });
        var received = Listen(client);

        await closed.Task.Soon();
        await received.Reader.Completion.Soon();
    }

    [Test]
    public async Task A_callback_that_never_comes_back_does_not_hold_up_the_end()
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        var client = Client(new()
        {
            OnStateChanged = async (_, _) =>
            {
                called.TrySetResult();
                await never.Task;
            },
        });
        Listen(client);
        await called.Task.Soon();

        await client.DisposeAsync().AsTask().Soon();

        client.Status.State.Should().Be(ReconnectState.Ended);
    }

    [Test]
    public async Task A_hook_that_never_comes_back_does_not_either()
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<ReconnectTarget>();
        var client = Client(new()
        {
            GetTarget = (_, _) =>
            {
                called.TrySetResult();
                return new(never.Task);
            },
        });
        Listen(client);
        await called.Task.Soon();

        await client.DisposeAsync().AsTask().Soon();
    }
}
