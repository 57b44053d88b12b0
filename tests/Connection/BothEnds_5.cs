using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// The two roles face to face: random messages both ways, randomly cut, with calls that are cancelled and connections that are reset.
/// Whatever happens, what arrives is what was sent, in its order, and every buffer comes back.
/// </summary>
public sealed class BothEnds_5
{
    private const int Messages = 120;
    private const int LongestMessage = 40_000;
    private const int ShortestMessage = 8;

    [Test]
    public async Task Every_message_arrives_once_in_order_and_every_buffer_comes_back([Range(1, 20)] int seed, [Values] bool isReset)
    {
        var pool = new TrackingPool();
        var random = new Random(seed);
        var (up, down) = (new CuttingPipe(random.Next()), new CuttingPipe(random.Next()));
        var overStream = seed % 2 == 0;

        await MeetAsync(
            random,
            isReset,
            new(EndpointRole.Server, NewTransport(new(up.Reader, down.Writer), overStream, pool), pool),
            new(EndpointRole.Client, NewTransport(new(down.Reader, up.Writer), overStream, pool), pool));

        await Peer.Within(Task.WhenAll(up.Done, down.Done));
        pool.Faults.Should().BeEmpty();
        pool.Out.Should().Be(0);
    }

    // Buffers of a few KiB in the system cut the stream anywhere and make every other write wait.
    [Test]
    public async Task Every_message_arrives_once_in_order_over_TCP_and_every_buffer_comes_back(
        [Range(1, 10)] int seed, [Values] bool isReset, [Values("portable", "epoll", "epoll, handlers on the pool")] string kind)
    {
        if (kind != "portable" && !EpollLoopGroup.IsSupported)
        {
            Assert.Ignore("This platform has no epoll.");
        }

        var pool = new TrackingPool();
        var random = new Random(seed);
        var loops = kind == "portable" ? null : new EpollLoopGroup(2, pool, NullLogger.Instance);
        Transport NewTransport(Socket socket) =>
            loops is null ? new SocketTransport(socket, pool) : loops.Add(socket, inline: kind == "epoll");
        var (one, other) = await ConnectAsync(random);

        await MeetAsync(
            random, isReset, new(EndpointRole.Server, NewTransport(one), pool), new(EndpointRole.Client, NewTransport(other), pool));

        if (loops is not null)
        {
            await Peer.Within(loops.DisposeAsync().AsTask());
        }

        pool.Faults.Should().BeEmpty();
        pool.Out.Should().Be(0);
    }

    private static async Task<(Socket, Socket)> ConnectAsync(Random random)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = random.Next(2048, 16384) };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = random.Next(2048, 16384),
            SendBufferSize = random.Next(2048, 16384),
        };
        var accepting = listener.AcceptAsync();
        await client.ConnectAsync(listener.LocalEndPoint!);
        return (await accepting, client);
    }

    private static async Task MeetAsync(Random random, bool isReset, End server, End client)
    {
        var sending = Task.WhenAll(server.SendAsync(random.Next()), client.SendAsync(random.Next()));
        var receiving = Task.WhenAll(
            server.ReceiveAsync(client.Sent, random.Next(), isReset ? random.Next(1, Messages) : null),
            client.ReceiveAsync(server.Sent, random.Next(), isReset ? random.Next(1, Messages) : null));
        await Peer.Within(sending);
        var (closing, other) = random.Next(2) == 0 ? (server, client) : (client, server);
        if (isReset)
        {
            // Where neither end has received so many that it aborted.
            closing.Connection.Abort();
        }
        else
        {
            closing.Connection.StartClose(WebSocketCloseStatus.NormalClosure, "done").Should().BeTrue();
        }

        await Peer.Within(receiving);
        await Peer.Within(Task.WhenAll(server.Connection.DisposeAsync().AsTask(), client.Connection.DisposeAsync().AsTask()));
        if (!isReset)
        {
            // The end that closes discards what still comes when a receive of its own is cancelled.
            other.Received.Should().Be(closing.Sent.Count);
            server.Connection.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
            client.Connection.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
        }
    }

    private static Transport NewTransport(Duplex pipe, bool overStream, TrackingPool pool)
    {
        var transport = new PipeTransport(pipe);
        return overStream ? new StreamTransport(new PipeStream(transport), transport, pool) : transport;
    }

    private sealed class End(EndpointRole role, Transport transport, TrackingPool pool)
    {
        public WebSocketConnection Connection { get; } = new(transport, role, new()
        {
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            MaxOutgoingBytes = 32 * 1024,
            CloseTimeout = TimeSpan.FromSeconds(30),
            BufferPool = pool,
        });

        /// <summary>What was sent, or is about to be: each message's number and length.</summary>
        public List<(int Number, int Length)> Sent { get; } = [];

        public int Received { get; private set; }

        public async Task SendAsync(int seed)
        {
            var random = new Random(seed);
            for (var number = 0; number < Messages && Connection.Closure is null; number++)
            {
                var payload = Payload(number, random.Next(4) == 0 ? random.Next(ShortestMessage, LongestMessage) : random.Next(ShortestMessage, 300));
                lock (Sent)
                {
                    Sent.Add((number, payload.Length));
                }

                if (!await TrySendAsync(payload, random))
                {
                    lock (Sent)
                    {
                        Sent.RemoveAt(Sent.Count - 1);
                    }
                }

                if (random.Next(10) == 0)
                {
                    Connection.TryPing(payload.AsSpan(0, random.Next(ShortestMessage)));
                }
            }
        }

        /// <summary>Receives until the end; aborts after so many messages, where a number is given.</summary>
        public async Task ReceiveAsync(List<(int Number, int Length)> sent, int seed, int? abortAfter)
        {
            var random = new Random(seed);
            try
            {
                while (Received != abortAfter)
                {
                    using var cancellation = new CancellationTokenSource();
                    var cancelling = random.Next(3) == 0 ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
                    try
                    {
                        await ReceiveOneAsync(sent, random, cancellation.Token);
                        Received++;
                    }
                    catch (OperationCanceledException)
                    {
                        // The next receive goes on where this one was.
                    }

                    await cancelling;
                }

                Connection.Abort();
            }
            catch (ConnectionClosedException)
            {
                // The end.
            }
        }

        private static byte[] Payload(int number, int length)
        {
            var payload = new byte[length];
            for (var i = 0; i < length; i++)
            {
                payload[i] = (byte)('a' + ((number + i) % 26));
            }

            // Eight digits: the payload is text.
            _ = number.TryFormat(payload, out _, "D8");
            return payload;
        }

        // False where nothing was sent.
        private async Task<bool> TrySendAsync(byte[] payload, Random random)
        {
            var type = random.Next(2) == 0 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            try
            {
                switch (random.Next(5))
                {
                    case 0:
                        return Connection.TrySend(payload, type);
                    case 1:
                        await Connection.SendAsync(PreparedMessage.FromBinary(payload));
                        return true;
                    case 2:
                        await Connection.SendAsync(new MemoryStream(payload), type);
                        return true;
                    default:
                        using (var cancellation = new CancellationTokenSource())
                        {
                            var cancelling = random.Next(2) == 0 ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
                            try
                            {
                                await Connection.SendAsync(payload, type, cancellation.Token);
                            }
                            finally
                            {
                                await cancelling;
                            }
                        }

                        return true;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            catch (ConnectionClosedException)
            {
                // It may or may not have been on its way.
                return true;
            }
        }

        private async Task ReceiveOneAsync(List<(int Number, int Length)> sent, Random random, CancellationToken cancellationToken)
        {
            (int Number, int Length) expected = default;
            switch (random.Next(4))
            {
                case 0:
                    var stream = await Connection.ReceiveStreamAsync(cancellationToken);
                    expected = Next(sent);
                    var content = new byte[expected.Length];
                    var wanted = random.Next(2) == 0 ? expected.Length : random.Next(1, expected.Length);
                    var read = await stream.ReadAtLeastAsync(content.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, CancellationToken.None);
                    read.Should().Be(wanted);
                    content.AsSpan(0, wanted).SequenceEqual(Payload(expected.Number, expected.Length).AsSpan(0, wanted)).Should().BeTrue();
                    if (random.Next(2) == 0)
                    {
                        await stream.DisposeAsync();
                    }
                    else
                    {
                        stream.Close();
                    }

                    break;
                default:
                    var message = await Connection.ReceiveAsync(cancellationToken);
                    expected = Next(sent);
                    message.Span.SequenceEqual(Payload(expected.Number, expected.Length)).Should().BeTrue();
                    break;
            }
        }

        private (int Number, int Length) Next(List<(int Number, int Length)> sent)
        {
            lock (sent)
            {
                return sent[Received];
            }
        }
    }
}
