using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// Connections over real TCP, with TLS and without, whose peers do what peers do: cut frames anywhere, read slowly, end half, reset, or just go, also
/// in the middle of TLS's handshake. What is echoed must be what was sent, every session must end, and every buffer must come back. The seed
/// decides what is tried, not how threads meet.
/// </summary>
public sealed class Soak
{
    private const int Lanes = 16;
    private const int SessionsOfALane = 200;

    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(6);

    private readonly SemaphoreSlim _connecting = new(1);

    private readonly X509Certificate2 _certificate = TestCertificate.Create();

    private SslStreamCertificateContext _context = null!;
    private TrackingPool _pool = null!;
    private TcpListener _listener = null!;
    private EpollLoopGroup? _loops;

    [SetUp]
    public void Listen()
    {
        _context = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
        _pool = new();
        _listener = new(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void StopListening() => _listener.Dispose();

    [OneTimeTearDown]
    public void Dispose()
    {
        _connecting.Dispose();
        _certificate.Dispose();
    }

    [TestCase(false, true, false, 1)]
    [TestCase(true, true, false, 2)]
    [TestCase(true, false, false, 3)]
    [TestCase(false, true, true, 4)]
    [TestCase(true, true, true, 5)]
    [TestCase(true, false, true, 6)]
    [CancelAfter(120_000)]
    public async Task Peers_of_every_kind_get_back_what_they_sent_and_leave_nothing_behind(bool epoll, bool inline, bool tls, int seed)
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
                await RunSessionAsync(random, inline, tls);
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

    private async Task RunSessionAsync(Random random, bool inline, bool tls)
    {
        using var peer = await ConnectAsync();
        var transport = Adopt(peer.Accepted, inline);
        Stream stream = new NetworkStream(peer.Socket, ownsSocket: false);
        if (tls)
        {
            var accepting = SecureAsync(transport);
            var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, presented, _, _) => IsOurs(presented));
            stream = secure;
            if (!await TryGreetAsync(secure, peer.Socket, random))
            {
                // What a server takes for a handshake that has failed.
                var told = await FluentActions.Awaiting(() => Peer.Within(accepting)).Should().ThrowAsync<Exception>();
                told.Which.Should().Match<Exception>(failure => failure is AuthenticationException || IsGone(failure));
                return;
            }

            transport = await Peer.Within(accepting);
        }

        var kind = random.Next(6);
        var connection = new WebSocketConnection(transport, EndpointRole.Server, new()
        {
            BufferPool = _pool,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            CloseTimeout = TimeSpan.FromSeconds(20),
            MaxOutgoingBytes = 32 * 1024,
            HandlersMayBlock = !inline,
        });
        var server = ServeAsync(connection, random.Next(6), random.Next());
        await PlayAsync(stream, peer.Socket, kind, random);
        if (kind == 4)
        {
            connection.Abort();
        }

        peer.Socket.LingerState = new(enable: kind is 1 or 2, seconds: 0);
        peer.Socket.Dispose();
        await stream.DisposeAsync();
        await Peer.Within(server);
    }

    // As a server does.
    private async Task<Transport> SecureAsync(Transport below)
    {
        var tls = new SslStream(below.AsStream(), leaveInnerStreamOpen: false);
        var transport = new StreamTransport(tls, below, _pool);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _context }).ConfigureAwait(false);
            return transport;
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    // False where the peer has left in the middle of it.
    private static async Task<bool> TryGreetAsync(SslStream stream, Socket socket, Random random)
    {
        if (random.Next(8) > 0)
        {
            await Peer.Within(stream.AuthenticateAsClientAsync("localhost"));
            return true;
        }

        // The beginning of a record that is a client's greeting, and nothing that could be one behind it; or not even that.
        var noise = new byte[random.Next(600)];
        random.NextBytes(noise);
        byte[] beginning = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3];
        await socket.SendAsync(random.Next(2) == 0 ? noise : [.. beginning, .. noise]);
        socket.LingerState = new(enable: random.Next(2) == 0, seconds: 0);
        socket.Dispose();
        await stream.DisposeAsync();
        return false;
    }

    // 0 closes in order; the others leave in the middle of it: by a reset, by an end, after having ended their own direction, or cut off.
    private static async Task PlayAsync(Stream stream, Socket socket, int kind, Random random)
    {
        var messages = Enumerable.Range(0, random.Next(1, 12)).Select(_ => Payload(random)).ToArray();
        var frames = messages.SelectMany(payload => FrameBytes.To(EndpointRole.Server, Opcode.Binary, payload)).ToArray();
        if (kind == 0)
        {
            var close = FrameBytes.CloseTo(EndpointRole.Server, 1000);
            var expected = messages.SelectMany(payload => FrameBytes.To(EndpointRole.Client, Opcode.Binary, payload))
                .Concat(FrameBytes.CloseTo(EndpointRole.Client, 1000)).ToArray();
            var sending = SendInPiecesAsync(stream, [.. frames, .. close], random.Next());
            var received = await ReceiveAsync(stream, expected.Length + 1, random.Next());
            await Peer.Within(sending);
            received.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} bytes came of {1}", received.Length, expected.Length);
            return;
        }

        var cut = random.Next(frames.Length + 1);
        try
        {
            var sending = SendInPiecesAsync(stream, frames[..cut], random.Next());
            var wanted = random.Next(cut + 1) / 2;
            if (kind is 2 or 3)
            {
                await Peer.Within(sending);
                if (stream is SslStream tls)
                {
                    await Peer.Within(tls.ShutdownAsync());
                }

                socket.Shutdown(SocketShutdown.Send);
            }

            if (kind is 3 or 5)
            {
                await ReceiveAsync(stream, Math.Min(wanted, EchoedAtLeast(messages, cut)), random.Next());
            }
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // The server was faster to go.
        }
    }

    private bool IsOurs(X509Certificate? presented) => presented?.GetCertHashString() == _certificate.GetCertHashString();

    private static bool IsGone(Exception failure) => failure is IOException or SocketException or ObjectDisposedException;

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

    private static async Task SendInPiecesAsync(Stream stream, byte[] bytes, int seed)
    {
        var random = new Random(seed);
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var piece = Math.Min(bytes.Length - sent, random.Next(3) switch { 0 => random.Next(1, 20), 1 => random.Next(1, 2000), _ => random.Next(1, 100_000) });
                await stream.WriteAsync(bytes.AsMemory(sent, piece));
                sent += piece;
                if (random.Next(8) == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // This end, or the other, has had enough.
        }
    }

    private static async Task<byte[]> ReceiveAsync(Stream stream, int count, int seed)
    {
        var random = new Random(seed);
        var received = new byte[count];
        var done = 0;
        while (done < count)
        {
            var more = await Peer.Within(stream.ReadAsync(received.AsMemory(done, Math.Min(count - done, random.Next(1, 50_000)))));
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
