using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// Connections over real TCP whose peers do what peers do: cut frames anywhere, read slowly, end half, reset, or just go. What is echoed must
/// be what was sent, every session must end, and every buffer must come back. The seed decides what is tried, not how threads meet.
/// </summary>
public sealed class Soak
{
    private const int Lanes = 16;
    private const int SessionsOfALane = 200;

    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(6);

    private readonly SemaphoreSlim _connecting = new(1);

    private TrackingPool _pool = null!;
    private TcpListener _listener = null!;
    private EpollLoopGroup? _loops;

    [SetUp]
    public void Listen()
    {
        _pool = new();
        _listener = new(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void StopListening() => _listener.Dispose();

    [OneTimeTearDown]
    public void Dispose() => _connecting.Dispose();

    [TestCase(false, true, 1)]
    [TestCase(true, true, 2)]
    [TestCase(true, false, 3)]
    [CancelAfter(120_000)]
    public async Task Peers_of_every_kind_get_back_what_they_sent_and_leave_nothing_behind(bool epoll, bool inline, int seed)
    {
        if (epoll && !EpollLoopGroup.IsSupported)
        {
            Assert.Ignore("This platform has no epoll.");
        }

        _loops = epoll ? new(2, _pool, NullLogger.Instance) : null;
        var clock = Stopwatch.StartNew();
        var lanes = Enumerable.Range(0, Lanes).Select(lane => Task.Run(async () =>
        {
            var random = new Random((seed * 1000) + lane);
            for (var session = 0; session < SessionsOfALane && clock.Elapsed < LongestRun; session++)
            {
                await RunSessionAsync(random, inline);
            }
        }));

        await Task.WhenAll(lanes).WaitAsync(TimeSpan.FromSeconds(60));

        if (_loops is not null)
        {
            await Peer.Within(_loops.DisposeAsync());
        }

        _pool.Faults.Should().BeEmpty();
        Peer.Until(() => _pool.Out == 0);
    }

    private static async Task ServeAsync(WebSocketConnection connection, int kind, int seed)
    {
        var random = new Random(seed);
        try
        {
            while (true)
            {
                using var patience = new CancellationTokenSource();
                var receive = connection.ReceiveAsync(patience.Token).AsTask();
                if (kind % 3 == 1 && !receive.IsCompleted)
                {
                    await patience.CancelAsync();
                }

                WebSocketMessage message;
                try
                {
                    message = await receive.ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    await Task.Yield();
                    continue;
                }

                if (random.Next(4) == 0)
                {
                    // Keeps what is lent across a true wait.
                    await Task.Yield();
                }

                await connection.SendAsync(message).ConfigureAwait(false);
            }
        }
        catch (ConnectionClosedException)
        {
            // However it ended.
        }

        await connection.DisposeAsync();
    }

    private async Task RunSessionAsync(Random random, bool inline)
    {
        using var peer = await ConnectAsync();
        var (transport, kind) = (Adopt(peer.Accepted, inline), random.Next(6));
        var connection = new WebSocketConnection(transport, EndpointRole.Server, new()
        {
            BufferPool = _pool,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            CloseTimeout = TimeSpan.FromSeconds(20),
            MaxOutgoingBytes = 32 * 1024,
            HandlersMayBlock = !inline,
        });
        var server = ServeAsync(connection, random.Next(6), random.Next());
        await PlayAsync(peer.Socket, kind, random);
        if (kind == 4)
        {
            connection.Abort();
        }

        peer.Socket.LingerState = new(enable: kind is 1 or 2, seconds: 0);
        peer.Socket.Dispose();
        await Peer.Within(server);
    }

    // 0 closes in order; the others leave in the middle of it: by a reset, by an end, after having ended their own direction, or cut off.
    private static async Task PlayAsync(Socket socket, int kind, Random random)
    {
        var messages = Enumerable.Range(0, random.Next(1, 12)).Select(_ => Payload(random)).ToArray();
        var frames = messages.SelectMany(payload => FrameBytes.To(EndpointRole.Server, Opcode.Binary, payload)).ToArray();
        if (kind == 0)
        {
            var close = FrameBytes.CloseTo(EndpointRole.Server, 1000);
            var expected = messages.SelectMany(payload => FrameBytes.To(EndpointRole.Client, Opcode.Binary, payload))
                .Concat(FrameBytes.CloseTo(EndpointRole.Client, 1000)).ToArray();
            var sending = SendInPiecesAsync(socket, [.. frames, .. close], random.Next());
            var received = await ReceiveAsync(socket, expected.Length + 1, random.Next());
            await Peer.Within(sending);
            received.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} bytes came of {1}", received.Length, expected.Length);
            return;
        }

        var cut = random.Next(frames.Length + 1);
        try
        {
            var sending = SendInPiecesAsync(socket, frames[..cut], random.Next());
            var wanted = random.Next(cut + 1) / 2;
            if (kind is 2 or 3)
            {
                await Peer.Within(sending);
                socket.Shutdown(SocketShutdown.Send);
            }

            if (kind is 3 or 5)
            {
                await ReceiveAsync(socket, Math.Min(wanted, EchoedAtLeast(messages, cut)), random.Next());
            }
        }
        catch (SocketException)
        {
            // The server was faster to go.
        }
    }

    // What comes back where only so many bytes are sent: the frames that are whole, each four bytes shorter for want of a mask.
    private static int EchoedAtLeast(byte[][] messages, int sent)
    {
        var echoed = 0;
        foreach (var payload in messages)
        {
            var frame = FrameBytes.To(EndpointRole.Server, Opcode.Binary, payload).Length;
            if ((sent -= frame) < 0)
            {
                break;
            }

            echoed += frame - 4;
        }

        return echoed;
    }

    private static byte[] Payload(Random random)
    {
        var payload = new byte[random.Next(5) switch { 0 => random.Next(8), 1 or 2 => random.Next(300), 3 => random.Next(20_000), _ => random.Next(200_000) }];
        random.NextBytes(payload);
        return payload;
    }

    private static async Task SendInPiecesAsync(Socket socket, byte[] bytes, int seed)
    {
        var random = new Random(seed);
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var piece = Math.Min(bytes.Length - sent, random.Next(3) switch { 0 => random.Next(1, 20), 1 => random.Next(1, 2000), _ => random.Next(1, 100_000) });
                sent += await socket.SendAsync(bytes.AsMemory(sent, piece));
                if (random.Next(8) == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // This end, or the other, has had enough.
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count, int seed)
    {
        var random = new Random(seed);
        var received = new byte[count];
        var done = 0;
        while (done < count)
        {
            var more = await Peer.Within(socket.ReceiveAsync(received.AsMemory(done, Math.Min(count - done, random.Next(1, 50_000)))));
            if (more == 0)
            {
                break;
            }

            done += more;
            if (random.Next(6) == 0)
            {
                await Task.Delay(1);
            }
        }

        return received[..done];
    }

    private Transport Adopt(Socket accepted, bool inline) =>
        _loops is null ? new SocketTransport(accepted, _pool) : _loops.Add(accepted, inline);

    private async Task<Connected> ConnectAsync()
    {
        // A small window, so that writes do not all find room.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 * 1024 };
        await _connecting.WaitAsync();
        try
        {
            // One at a time, so that the two ends belong together.
            await socket.ConnectAsync(_listener.LocalEndpoint);
            var accepted = await _listener.AcceptSocketAsync();
            accepted.SendBufferSize = 8 * 1024;
            return new(socket, accepted);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private sealed record Connected(Socket Socket, Socket Accepted) : IDisposable
    {
        public void Dispose() => Socket.Dispose();
    }
}
