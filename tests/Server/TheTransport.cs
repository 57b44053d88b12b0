using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

/// <summary>What a server's connections run on, and what that means for handlers.</summary>
internal sealed class TheTransport : ServerFixture
{
    [Test]
    public async Task Is_the_fastest_that_there_is_unless_told_otherwise()
    {
        await StartAsync();

        Logs.Of(LogRecorder.Listening).Should().ContainSingle(line => line.Text.Contains($"connections are {TransportUnderTest.Expected}", StringComparison.Ordinal));
    }

    [TestCase(TransportKind.Portable)]
    [TestCase(TransportKind.Epoll)]
    public async Task Is_the_one_that_is_asked_for(TransportKind transport)
    {
        if (transport == TransportKind.Epoll && !EpollLoopGroup.IsSupported)
        {
            Assert.Ignore("This platform has no epoll.");
        }

        var server = await StartAsync(new WebSocketServerOptions { Transport = transport, LoggerFactory = Logs });

        Logs.Of(LogRecorder.Listening).Should().ContainSingle(line => line.Text.Contains($"connections are {transport}", StringComparison.Ordinal));
        await ShouldEchoAsync(await OpenAsync(server));
    }

    [TestCase(TransportKind.Portable)]
    [TestCase(TransportKind.Epoll)]
    public async Task Bears_handlers_that_block_where_it_is_told_so(TransportKind transport)
    {
        if (transport == TransportKind.Epoll && !EpollLoopGroup.IsSupported)
        {
            Assert.Ignore("This platform has no epoll.");
        }

        using var release = new ManualResetEventSlim();
        var options = new WebSocketServerOptions { Transport = transport, EpollLoops = 1, HandlersMayBlock = true, LoggerFactory = Logs };
        var server = await StartAsync(options, async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                if (message.Span.SequenceEqual("block"u8))
                {
                    await connection.SendAsync("blocks", stopping);
                    release.Wait(Waiting.Bound, CancellationToken.None).Should().BeTrue();
                }

                await connection.SendAsync(message, stopping);
            }
        });
        var blocked = await OpenAsync(server);
        var served = await OpenAsync(server);
        await blocked.SendTextAsync("block");

        (await blocked.ReadTextAsync()).Should().Be("blocks", "what was sent before does not wait for the handler");
        await ShouldEchoAsync(served);

        release.Set();
        (await blocked.ReadTextAsync()).Should().Be("block");
        Logs.Count(LogRecorder.HandlerBlocks).Should().Be(0, "no loop was held up");
    }

    [Test]
    public async Task Gives_back_every_thread_and_descriptor_when_the_server_stops()
    {
        for (var i = 0; i < 20; i++)
        {
            var server = await StartAsync(new WebSocketServerOptions { EpollLoops = 4, LoggerFactory = Logs });
            var client = await OpenAsync(server);
            await ShouldEchoAsync(client);
            await client.CloseAsync();
            await server.StopAsync().Soon();
        }

        if (OperatingSystem.IsLinux())
        {
            var events = Directory.GetFiles("/proc/self/fd").Count(file => Describe(file).Contains("eventpoll", StringComparison.Ordinal));
            events.Should().BeLessThan(40, "the framework has some of its own; twenty servers had four each");
        }
    }

    private static string Describe(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget ?? string.Empty;
        }
        catch (IOException)
        {
            // Closed while it was being looked at.
            return string.Empty;
        }
    }
}
