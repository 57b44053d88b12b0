using System.Net;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Handshake;

namespace RawSocketChat;

/// <summary>
/// What holds for a server. Checked once, by <see cref="WebSocketServer"/>'s constructor. Every default is explained in
/// <c>docs/defaults.md</c>.
/// </summary>
public sealed class WebSocketServerOptions : WebSocketConnectionOptions
{
    /// <summary>The address to listen on. Default: the loopback address, so that nothing is open to a network by accident.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen on, 0 to 65535; 0 lets the system choose: <see cref="WebSocketServer.LocalEndPoint"/> tells. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>How many connections the system may hold that have not been accepted yet. 1 to 65535; default 512.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>How connections receive and send. Default: the fastest that the platform has.</summary>
    public TransportKind Transport { get; init; }

    /// <summary>
    /// How many loops the <see cref="TransportKind.Epoll"/> transport has, a thread each. 0 to 1,024; default 0, as many as there are
    /// processors.
    /// </summary>
    public int EpollLoops { get; init; }

    /// <summary>The certificate for <c>wss</c>, with its private key; null for <c>ws</c>. TLS 1.2 and 1.3 are spoken, nothing older.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>The intermediate certificates that are sent along, so that clients need only know the root; may be null.</summary>
    public X509Certificate2Collection? ServerCertificateChain { get; init; }

    /// <summary>
    /// How long the whole opening handshake may take, TLS included: one deadline from the accept on, which no byte extends. Greater than
    /// zero; default 10 s.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The bounds on the opening handshake's request.</summary>
    public HandshakeLimits HandshakeLimits { get; init; } = new();

    /// <summary>How many handshakes may be under way at once; a connection beyond them is cut. At least 1; default 8,192.</summary>
    public int MaxPendingHandshakes { get; init; } = 8192;

    /// <summary>How many handshakes of one address may be under way at once; a connection beyond them is cut. At least 1; default 2,048.</summary>
    public int MaxPendingHandshakesPerAddress { get; init; } = 2048;

    /// <summary>How many connections there may be; an upgrade beyond them is answered with 503. At least 1; default 65,536.</summary>
    public int MaxConnections { get; init; } = 65536;

    /// <summary>The subprotocols, the preferred one first; the first that the client offers is used (RFC 6455 §4.2.2). Default: none.</summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>
    /// Which web pages may connect (RFC 6455 §10.2); others are answered with 403. Default: any. Where a cookie or an address
    /// authenticates the user, choose another.
    /// </summary>
    public OriginPolicy AllowedOrigins { get; init; } = OriginPolicy.Any;

    /// <summary>
    /// Whether bytes that come along with the request, in the same piece, are refused with 400. RFC 6455 lets a client send nothing before
    /// the answer, but most servers bear it. Default: they are read as the first frames.
    /// </summary>
    public bool RefuseEarlyFrames { get; init; }

    /// <summary>
    /// Asked for each upgrade that is otherwise acceptable: null accepts it, an answer refuses it (authentication: 401, 403, …). Nothing that
    /// the client sends is acted on before. Within <see cref="HandshakeTimeout"/>. Default: all are accepted.
    /// </summary>
    public Func<HttpRequest, CancellationToken, ValueTask<HttpResponse?>>? OnUpgrade { get; init; }

    /// <summary>
    /// Chooses compression for each upgrade, such as by its path, in place of <see cref="WebSocketConnectionOptions.Deflate"/>; null is none. Asked
    /// after <see cref="OnUpgrade"/>, and must not block. Return the same objects again and again: each is checked once. Default: the same for all.
    /// </summary>
    public Func<HttpRequest, DeflateOptions?>? SelectDeflate { get; init; }

    /// <summary>
    /// Answers plain HTTP requests (GET only), such as for a page or a health check on the same port; null is answered with 404. Within
    /// <see cref="HandshakeTimeout"/>. Default: 426 for all, as only upgrades are served.
    /// </summary>
    public Func<HttpRequest, CancellationToken, ValueTask<HttpResponse?>>? OnHttpRequest { get; init; }

    /// <summary>What a broadcast does with a member that is too slow. Default: it is closed.</summary>
    public SlowConsumerPolicy SlowConsumerPolicy { get; init; } = SlowConsumerPolicy.Close;

    /// <summary>The server's periodic message; null for none.</summary>
    public PeriodicBroadcast? PeriodicBroadcast { get; init; }

    /// <summary>
    /// How long <see cref="WebSocketServer.StopAsync"/> waits for the connections to close before it cuts them. Greater than zero;
    /// default 10 s.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the server logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.NotNull(Address, nameof(Address));
        OptionCheck.Range(Port, IPEndPoint.MinPort, IPEndPoint.MaxPort, nameof(Port));
        OptionCheck.Range(Backlog, 1, ushort.MaxValue, nameof(Backlog));
        OptionCheck.Range(EpollLoops, 0, 1024, nameof(EpollLoops));
        OptionCheck.Positive(HandshakeTimeout, nameof(HandshakeTimeout));
        OptionCheck.NotNull(HandshakeLimits, nameof(HandshakeLimits));
        OptionCheck.Range(MaxPendingHandshakes, 1, int.MaxValue, nameof(MaxPendingHandshakes));
        OptionCheck.Range(MaxPendingHandshakesPerAddress, 1, int.MaxValue, nameof(MaxPendingHandshakesPerAddress));
        OptionCheck.Range(MaxConnections, 1, int.MaxValue, nameof(MaxConnections));
        OptionCheck.NotNull(SubProtocols, nameof(SubProtocols));
        OptionCheck.NotNull(AllowedOrigins, nameof(AllowedOrigins));
        OptionCheck.Positive(StopTimeout, nameof(StopTimeout));
        OptionCheck.NotNull(LoggerFactory, nameof(LoggerFactory));
        PeriodicBroadcast?.Validate();
        if (!Enum.IsDefined(SlowConsumerPolicy))
        {
            throw new ArgumentOutOfRangeException(
                nameof(SlowConsumerPolicy), SlowConsumerPolicy, $"{nameof(SlowConsumerPolicy)} must be one of its names.");
        }

        if (!Enum.IsDefined(Transport) || (Transport == TransportKind.Epoll && !EpollLoopGroup.IsSupported))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Transport), Transport, $"{nameof(Transport)} must be one of its names, and one that this platform has.");
        }

        if (ServerCertificate is { HasPrivateKey: false })
        {
            throw new ArgumentException($"{nameof(ServerCertificate)} has no private key.", nameof(ServerCertificate));
        }
    }
}
