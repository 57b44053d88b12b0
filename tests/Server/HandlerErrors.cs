using System.Net.WebSockets;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class HandlerErrors : ServerFixture
{
    private static readonly Func<Exception>[] Errors =
    [
        () => new InvalidOperationException("secret detail"),
        () => new OperationCanceledException("not the server's token"),
        () => new InsufficientMemoryException("one large array"),
        () => new IOException("a file of the handler's"),
        () => new ConnectionClosedException(null),
    ];

    [Test]
    public async Task An_exception_closes_with_1011_is_logged_once_and_others_live(
        [ValueSource(nameof(Errors))] Func<Exception> error, [Values] bool atOnce)
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            if (connection.GetRequest().Path == "/fine")
            {
                await EchoAsync(connection, stopping);
                return;
            }

            if (!atOnce)
            {
                await connection.ReceiveAsync(stopping);
            }

            throw error();
        });
        using var other = await RawClient.ConnectAsync(server.LocalEndPoint);
        await other.SendAsync(RawClient.Request(target: "/fine"));
        (await other.ReadAnswerAsync()).Status.Should().Be(101);
        var client = await OpenAsync(server);
        await client.SendTextAsync("go");

        var close = await client.ReadFrameAsync();
        close.CloseStatus.Should().Be(1011);
        close.Text.Should().NotContain("secret");
        client.Dispose();

        await Logs.WaitForAsync(LogRecorder.Closed);
        Logs.Of(LogRecorder.HandlerFailed).Should().ContainSingle().Which.Exception.Should().BeOfType(error().GetType());
        Logs.Count(LogRecorder.ConnectionFailed).Should().Be(0);
        server.Connections.Count.Should().Be(1);
        await ShouldEchoAsync(other);
    }

    [Test]
    public async Task An_exception_in_a_handler_that_is_no_async_method_is_one_too()
    {
        var server = await StartAsync((_, _) => throw new InvalidOperationException("before any task"));

        (await (await OpenAsync(server)).ReadUntilCloseAsync()).Should().Be(1011);

        Logs.Count(LogRecorder.HandlerFailed).Should().Be(1);
    }

    [Test]
    public async Task A_handler_that_returns_closes_with_1000()
    {
        var server = await StartAsync((_, _) => Task.CompletedTask);
        var client = await OpenAsync(server);

        (await client.ReadUntilCloseAsync()).Should().Be(1000);

        await client.CloseAsync();
        await Logs.WaitForAsync(LogRecorder.Closed);
        Logs.Of(LogRecorder.Closed).Single().Text.Should().Contain("ClosingHandshake by Local, 1000");
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
    }

    [Test]
    public async Task A_handler_may_close_with_a_status_of_its_own()
    {
        var server = await StartAsync((connection, stopping) =>
            connection.CloseAsync((WebSocketCloseStatus)4000, "its own", stopping).AsTask());
        var client = await OpenAsync(server);

        (await client.ReadUntilCloseAsync()).Should().Be(4000);
    }

    [Test]
    public async Task A_client_that_leaves_is_no_error_of_the_handler([Values("close", "reset", "end")] string way)
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            while (true)
            {
                // Throws when the connection has ended.
                await connection.SendAsync(await connection.ReceiveAsync(stopping), stopping);
            }
        });
        var client = await OpenAsync(server);
        await ShouldEchoAsync(client);
        switch (way)
        {
            case "close":
                await client.CloseAsync();
                break;
            case "reset":
                client.Reset();
                break;
            default:
                client.HalfClose();
                await client.ReadToEndAsync();
                break;
        }

        await Logs.WaitForAsync(LogRecorder.Closed);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(0);
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task Hundreds_of_failing_handlers_leave_nothing_behind()
    {
        var server = await StartAsync(async (connection, stopping) =>
        {
            await connection.ReceiveAsync(stopping);
            throw new InvalidOperationException("each one");
        });

        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (_, _) =>
        {
            using var client = await RawClient.OpenAsync(server.LocalEndPoint);
            await client.SendTextAsync("go");
            (await client.ReadUntilCloseAsync()).Should().Be(1011);
        });

        await Logs.WaitForAsync(LogRecorder.Closed, 300);
        Logs.Count(LogRecorder.HandlerFailed).Should().Be(300);
        server.Connections.Count.Should().Be(0);
    }

    [Test]
    public async Task A_logger_that_throws_leaves_no_connection_behind()
    {
        // Fails for each event of a connection, as a full disk would.
        var logs = new WatchedLogs(id => _ = id is >= 20 and < 30 ? throw new IOException("the disk is full") : id);
        var server = await StartAsync(new WebSocketServerOptions { LoggerFactory = logs, CloseTimeout = TimeSpan.FromMilliseconds(100) });
        for (var i = 0; i < 5; i++)
        {
            using var client = await RawClient.ConnectAsync(server.LocalEndPoint);
            await client.SendAsync(RawClient.Request());
            await client.ReadToEndAsync();
            await Waiting.UntilAsync(() => server.Connections.Count == 0);
        }
    }

    [Test]
    public async Task What_a_handler_leaves_in_its_context_is_not_seen_where_its_end_is_logged()
    {
        var context = new AsyncLocal<string?>();
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var logs = new WatchedLogs(id => _ = id == LogRecorder.HandlerFailed && seen.TrySetResult(context.Value));
        var server = await StartAsync(new WebSocketServerOptions { LoggerFactory = logs }, async (connection, stopping) =>
        {
            await connection.ReceiveAsync(stopping);
            context.Value = "the handler's";
            throw new InvalidOperationException("with that in its context");
        });
        var client = await OpenAsync(server);

        await client.SendTextAsync("go");

        (await seen.Task.Soon()).Should().BeNull();
    }

    private sealed class WatchedLogs(Action<int> onEvent) : Microsoft.Extensions.Logging.ILoggerFactory, Microsoft.Extensions.Logging.ILogger
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => onEvent(eventId.Id);
    }
}
