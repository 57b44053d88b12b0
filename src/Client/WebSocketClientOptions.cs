using System.Net;
using System.Net.Security;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using RawSocketChat.Handshake;
using RawSocketChat.Opening;

namespace RawSocketChat;

/// <summary>
/// What holds for a client's connection and for how it is opened. Checked by <see cref="WebSocketClient.ConnectAsync"/>; one instance serves
/// any number of connections. Every default is explained in <c>docs/defaults.md</c>.
/// </summary>
public sealed class WebSocketClientOptions : WebSocketConnectionOptions
{
    /// <summary>
    /// The subprotocols that are offered, the preferred one first (RFC 6455 §1.9): tokens, none twice. The one that the server has chosen is
    /// <see cref="WebSocketConnection.SubProtocol"/>; it may choose none. Default: none is offered.
    /// </summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>
    /// Further header fields of the request, such as <c>Authorization</c>, written in this order. Those that the handshake itself is made of
    /// are not taken. Names are tokens, values printable ASCII. Default: none.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Where cookies come from, and where those go that the answer sets, whatever its status (RFC 6265). Default: null, no cookies.
    /// </summary>
    public CookieContainer? Cookies { get; init; }

    /// <summary>
    /// Sent as <c>Authorization: Basic</c> with the request, unasked (RFC 7617), so readable by whoever reads an unencrypted connection.
    /// Default: null, none.
    /// </summary>
    public NetworkCredential? Credentials { get; init; }

    /// <summary>The Origin field, for servers that ask for one (RFC 6455 §4.1, item 8), such as <c>https://example.com</c>. Default: null, none.</summary>
    public string? Origin { get; init; }

    /// <summary>
    /// All of what TLS can be told, for <c>wss</c>: client certificates, trust, versions, ciphers. Where <c>TargetHost</c> is not set, the
    /// certificate must have the name of the URI's host. Default: null, TLS 1.2 and 1.3 and the system's trust.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>
    /// How long the name's resolution, TCP, the proxy and TLS may take together. Greater than zero; default 15 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the opening handshake's request and answer may take together, behind <see cref="ConnectTimeout"/>; no byte extends it.
    /// Greater than zero; default 10 s.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The bounds on the answer's head, and on a proxy's.</summary>
    public HandshakeLimits HandshakeLimits { get; init; } = new();

    /// <summary>
    /// The proxy: <c>http://</c> by CONNECT (RFC 9110 §9.3.6), for <c>ws</c> as well as for <c>wss</c>, with Basic authentication;
    /// <c>socks5://</c> (RFC 1928), with a user and a password or without. It resolves the target's name. Excludes
    /// <see cref="UseSystemProxy"/>. Default: null, none.
    /// </summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>
    /// Whether the platform's proxy is used, which is <c>HttpClient.DefaultProxy</c>: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or
    /// the system's settings. Default: no.
    /// </summary>
    public bool UseSystemProxy { get; init; }

    /// <summary>How the connection receives and sends, where the client makes it. Default: the fastest that the platform has.</summary>
    /// <remarks>
    /// On the <see cref="TransportKind.Epoll"/> transport, what follows an await of a receive runs on a thread that other connections wait for, until
    /// it truly waits: code that blocks says so by <see cref="WebSocketConnectionOptions.HandlersMayBlock"/>.
    /// </remarks>
    public TransportKind Transport { get; init; }

    /// <summary>
    /// Makes the connection in place of the client, to the host or to the proxy: such as to a Unix domain socket, with
    /// <see cref="SocketTransport"/>, or in memory, with <see cref="PipeTransport"/>. The client owns what it returns. Within
    /// <see cref="ConnectTimeout"/>. Default: null, TCP to each of the name's addresses, with <c>NoDelay</c>.
    /// </summary>
    public Func<DnsEndPoint, CancellationToken, ValueTask<Transport>>? ConnectCallback { get; init; }

    /// <summary>Where the client logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.NotNull(SubProtocols, nameof(SubProtocols));
        OptionCheck.NotNull(Headers, nameof(Headers));
        RequestFields.Check(this);
        if (HasHeader("Cookie"))
        {
            throw new ArgumentException($"{nameof(Headers)}: the field Cookie has an option where it can be set, {nameof(Cookies)}.", nameof(Headers));
        }

        OptionCheck.Positive(ConnectTimeout, nameof(ConnectTimeout));
        OptionCheck.Positive(HandshakeTimeout, nameof(HandshakeTimeout));
        OptionCheck.NotNull(HandshakeLimits, nameof(HandshakeLimits));
        OptionCheck.NotNull(LoggerFactory, nameof(LoggerFactory));
        if (!Enum.IsDefined(Transport) || (Transport == TransportKind.Epoll && !EpollLoopGroup.IsSupported))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Transport), Transport, $"{nameof(Transport)} must be one of its names, and one that this platform has.");
        }

        if (Proxy is not null && UseSystemProxy)
        {
            throw new ArgumentException($"{nameof(UseSystemProxy)} must be false where {nameof(Proxy)} is set.", nameof(UseSystemProxy));
        }

        if (Credentials?.UserName.Contains(':', StringComparison.Ordinal) == true)
        {
            throw new ArgumentException($"{nameof(Credentials)}: a user's name must not hold a colon (RFC 7617 §2).", nameof(Credentials));
        }

        if (Credentials is not null && HasHeader("Authorization"))
        {
            throw new ArgumentException(
                $"{nameof(Credentials)} must be null where {nameof(Headers)} has Authorization.", nameof(Credentials));
        }
    }

    private bool HasHeader(string name) => Headers.Any(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase));
}
