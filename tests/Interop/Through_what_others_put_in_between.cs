using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

/// <summary>The client through Debian's tinyproxy, and to Debian's nginx, which ends TLS.</summary>
public class Through_what_others_put_in_between
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_proxy_carries_it_by_CONNECT([Values("Kestrel", "ws", "python3-websockets")] string name, [Values] bool deflate)
    {
        await using var server = await ForeignServer.StartAsync(name, deflate);
        using var folder = new TemporaryFolder();
        var (proxy, port) = await StartTinyproxyAsync(folder, server.Port);
        using (proxy)
        {
            await using var connection = await ConnectAsync(
                server.Url(), Options(deflate, proxy: new WebProxy("127.0.0.1", port)));

            await ShouldEchoAsync(connection, deflate);
            await proxy.LineAsync($"CONNECT 127.0.0.1:{server.Port}");
            await connection.CloseAsync((WebSocketCloseStatus)4001, "再见").AsTask().WaitAsync(Limit);
            await server.ClosedAsync(4001, "再见");
        }
    }

    [Test]
    public async Task A_proxy_that_does_not_allow_the_port_is_told_with_its_answer()
    {
        await using var server = await ForeignServer.StartAsync("Kestrel");
        using var folder = new TemporaryFolder();
        var (proxy, port) = await StartTinyproxyAsync(folder, allowed: 443);
        using (proxy)
        {
            var failure = await FluentActions.Awaiting(() => ConnectAsync(server.Url(), Options(deflate: false, proxy: new WebProxy("127.0.0.1", port))))
                .Should().ThrowAsync<WebSocketHandshakeException>();

            failure.Which.Fault.Should().Be(WebSocketHandshakeFault.Proxy);
            failure.Which.StatusCode.Should().Be(403);
        }
    }

    [Test]
    public async Task An_nginx_whose_certificate_has_a_trusted_root_ends_TLS([Values("Kestrel", "ws", "python3-websockets")] string name, [Values] bool deflate)
    {
        await using var server = await ForeignServer.StartAsync(name, deflate);
        using var folder = new TemporaryFolder();
        using var certificates = new CertificateChain("chat.example.com");
        using var nginx = await StartNginxAsync(folder, certificates, server.Port);

        await using var connection = await ConnectAsync(
            new("wss://chat.example.com/echo"), Options(deflate, trusted: certificates.Root, socketFile: folder.File("nginx.sock")));

        await ShouldEchoAsync(connection, deflate);
        await connection.CloseAsync((WebSocketCloseStatus)4001, "再见").AsTask().WaitAsync(Limit);
        await server.ClosedAsync(4001, "再见");
    }

    [Test]
    public async Task An_nginx_whose_certificate_has_another_name_or_an_unknown_root_is_refused()
    {
        await using var server = await ForeignServer.StartAsync("Kestrel");
        using var folder = new TemporaryFolder();
        using var certificates = new CertificateChain("chat.example.com");
        using var others = new CertificateChain("chat.example.com");
        using var nginx = await StartNginxAsync(folder, certificates, server.Port);

        await ShouldBeRefusedAsync("wss://chat.example.com/echo", others.Root);
        await ShouldBeRefusedAsync("wss://other.example.com/echo", certificates.Root);

        async Task ShouldBeRefusedAsync(string url, X509Certificate2 trusted)
        {
            var failure = await FluentActions.Awaiting(() => ConnectAsync(new(url), Options(deflate: false, trusted: trusted, socketFile: folder.File("nginx.sock"))))
                .Should().ThrowAsync<WebSocketHandshakeException>();
            failure.Which.Fault.Should().Be(WebSocketHandshakeFault.Tls);
            failure.Which.InnerException.Should().BeOfType<AuthenticationException>();
        }
    }

    private static Task<WebSocketConnection> ConnectAsync(Uri url, WebSocketClientOptions options) => WebSocketClient.ConnectAsync(url, options).WaitAsync(Limit);

    private static WebSocketClientOptions Options(bool deflate, IWebProxy? proxy = null, X509Certificate2? trusted = null, string? socketFile = null) => new()
    {
        MaxMessageSize = 8 * 1024 * 1024,
        Deflate = deflate ? new() { ServerContextTakeover = true, ClientContextTakeover = true, MinMessageSize = 0 } : null,
        Proxy = proxy,
        Tls = trusted is null ? null : new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { trusted },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
        ConnectCallback = socketFile is null ? null : async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketFile), cancellationToken);
            return new SocketTransport(socket, ArrayPool<byte>.Shared);
        },
    };

    private static async Task ShouldEchoAsync(WebSocketConnection connection, bool deflate)
    {
        (connection.Deflate is not null).Should().Be(deflate);
        using var bound = new CancellationTokenSource(Limit);
        foreach (var kind in (string[])["pattern", "zeros", "random"])
        {
            foreach (var length in (int[])[0, 126, 65536, 4 * 1024 * 1024])
            {
                var bytes = Pattern.Bytes(length, kind);
                var sending = connection.SendAsync(bytes, WebSocketMessageType.Binary, bound.Token);
                (await connection.ReceiveAsync(bound.Token)).Span.SequenceEqual(bytes).Should().BeTrue($"{length} bytes of {kind} come back");
                await sending;
            }
        }
    }

    // It listens on a port that has to be named: where somebody else has taken that in between, another is tried.
    private static async Task<(ChildProcess Proxy, int Port)> StartTinyproxyAsync(TemporaryFolder folder, int allowed)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            folder.Write("tinyproxy.conf", $"""
                Port {port}
                Listen 127.0.0.1
                Allow 127.0.0.1
                ConnectPort {allowed}
                MaxClients 10
                Timeout 60
                LogLevel Info
                """);
            var proxy = ChildProcess.Start("/usr/bin/tinyproxy", ["-d", "-c", folder.File("tinyproxy.conf")], folder.Path);
            if (await proxy.TryLineAsync("Accepting connections") is not null)
            {
                return (proxy, port);
            }

            using (proxy)
            {
                attempt.Should().BeLessThan(5, "tinyproxy starts; {0}", proxy.Output);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // On a socket in a file, so that no port has to be guessed; the recipe is that of docs/howto/run-behind-nginx.md.
    private static async Task<ChildProcess> StartNginxAsync(TemporaryFolder folder, CertificateChain certificates, int port)
    {
        folder.Write("chain.pem", certificates.Pem);
        folder.Write("key.pem", certificates.KeyPem);
        folder.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{folder.File("nginx.pid")}};
            error_log stderr notice;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder.File("body")}};
                proxy_temp_path {{folder.File("proxy")}};
                fastcgi_temp_path {{folder.File("fastcgi")}};
                scgi_temp_path {{folder.File("scgi")}};
                uwsgi_temp_path {{folder.File("uwsgi")}};
                map $http_upgrade $connection_upgrade {
                    default upgrade;
                    ''      "";
                }
                server {
                    listen unix:{{folder.File("nginx.sock")}} ssl;
                    ssl_certificate {{folder.File("chain.pem")}};
                    ssl_certificate_key {{folder.File("key.pem")}};
                    location / {
                        proxy_pass http://127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}};
                        proxy_http_version 1.1;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        proxy_set_header Host $http_host;
                    }
                }
            }
            """);
        var nginx = ChildProcess.Start("/usr/sbin/nginx", ["-e", "stderr", "-p", folder.Path, "-c", folder.File("nginx.conf")], folder.Path);
        try
        {
            await nginx.LineAsync("event method");
            return nginx;
        }
        catch
        {
            nginx.Dispose();
            throw;
        }
    }
}
