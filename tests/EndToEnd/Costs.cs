using System.Net.Sockets;
using System.Text;

using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>What a connection and a message cost in managed memory: budgets that a change must not break unnoticed.</summary>
[NonParallelizable]
public sealed class Costs
{
    // Measured 996 and some 2,020 bytes with .NET 10.0.12: docs/explanation/memory.md tells what they are.
    private static readonly int BytesPerIdleConnection = EpollLoopGroup.IsSupported ? 1050 : 2150;

    [Test]
    public async Task Ten_thousand_idle_connections_hold_no_buffer_and_little_memory()
    {
        const int Count = 10_000;
        var pool = new CountingPool();
        await using var server = EchoServer(pool);
        await server.StartAsync();
        await using (await OpenIdleAsync(server, 100))
        {
            // The first ones pay for what all share.
        }

        await WaitForCountAsync(server, 0);
        var before = Settled();
        await using var clients = await OpenIdleAsync(server, Count);
        await WaitForCountAsync(server, Count);

        var each = (Settled() - before) / (double)Count;

        TestContext.Out.WriteLine($"{each:F0} bytes of managed memory an idle connection, {Count} of them");
        pool.Out.Should().BeLessThanOrEqualTo(Environment.ProcessorCount, "each loop holds its one buffer, and an idle connection none");
        each.Should().BeLessThanOrEqualTo(BytesPerIdleConnection);
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task An_echoed_message_allocates_nothing(int depth)
    {
        await using var server = EchoServer(new CountingPool());
        await server.StartAsync();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // Synchronous throughout: a socket that was used asynchronously allocates for every receive that has to wait.
        client.Connect(server.LocalEndPoint);
        client.Send(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        var buffer = new byte[64 * 1024];
        for (var head = 0; !buffer.AsSpan(0, head).EndsWith("\r\n\r\n"u8);)
        {
            head += client.Receive(buffer.AsSpan(head));
        }

        // A masked binary message of 125 bytes, as often as the depth says; each echo is four bytes shorter: it has no mask.
        var one = new byte[2 + 4 + 125];
        (one[0], one[1]) = (0x82, 0x80 | 125);
        var batch = Enumerable.Repeat(one, depth).SelectMany(bytes => bytes).ToArray();
        var answer = depth * (one.Length - 4);

        const int Messages = 48_000;
        Echo(Messages);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Echo(Messages);
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Messages;

        TestContext.Out.WriteLine($"{each:F3} bytes allocated an echoed message, depth {depth}");

        // The process lives besides: the runtime compiles in the background, the thread pool measures itself. An object a message
        // would be 24 bytes at least.
        each.Should().BeLessThan(4);

        void Echo(int messages)
        {
            for (var sent = 0; sent < messages; sent += depth)
            {
                client.Send(batch);
                for (var received = 0; received < answer;)
                {
                    received += client.Receive(buffer);
                }
            }
        }
    }

    private static WebSocketServer EchoServer(CountingPool pool) => new(
        new() { BufferPool = pool, MaxPendingHandshakesPerAddress = 10_000 },
        async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                await connection.SendAsync(message, stopping);
            }
        });

    private static async Task<HostProcess> OpenIdleAsync(WebSocketServer server, int count)
    {
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "clients", "idle.py");
        var end = server.LocalEndPoint;
        var clients = HostProcess.Start("/usr/bin/python3", script, $"{end.Address}", $"{end.Port}", $"{count}");
        (await clients.ReadLineAsync()).Should().Be("open", "every connection is accepted; {0}", clients.Errors);
        return clients;
    }

    private static async Task WaitForCountAsync(WebSocketServer server, int count)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (server.Connections.Count != count)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static long Settled()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
