using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

/// <summary>Wherever an attempt is when it is cancelled, it ends at once, and its socket and its buffers are let go.</summary>
internal sealed class Cancelling : ClientFixture
{
    private static readonly string[] Steps =
    [
        "before it began", "dialing", "CONNECT", "half of the proxy's answer", "the SOCKS greeting", "the SOCKS request", "the TLS hello",
        "the request", "half of the answer", "the request over TLS", "half of a refusal",
    ];

    [TestCaseSource(nameof(Steps))]
    public async Task At_each_step_nothing_is_left(string step)
    {
        using var cancel = new CancellationTokenSource();
        using var certificate = TestCertificate.Create();
        var server = Serve(peer => GoToAsync(peer, step, certificate, cancel));
        var options = new WebSocketClientOptions
        {
            BufferPool = Pool,
            Tls = Trust(certificate),
            Proxy = step switch
            {
                "CONNECT" or "half of the proxy's answer" => new WebProxy($"http://127.0.0.1:{server.Port}"),
                "the SOCKS greeting" or "the SOCKS request" => new WebProxy($"socks5://127.0.0.1:{server.Port}"),
                _ => null,
            },
            ConnectCallback = step != "dialing" ? null : async (_, cancellationToken) =>
            {
                await cancel.CancelAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                throw new InvalidOperationException("it was cancelled");
            },
        };
        if (step == "before it began")
        {
            await cancel.CancelAsync();
        }

        var uri = step.EndsWith("TLS", StringComparison.Ordinal) || step == "the TLS hello" ? server.SecureUri : server.Uri;
        var connect = () => WebSocketClient.ConnectAsync(uri, options, cancel.Token).Soon();

        (await connect.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
        Pool.Out.Should().Be(0);
        await server.AllLetGoAsync();
        server.Accepted.Should().BeLessThanOrEqualTo(1);
    }

    [Test]
    public async Task A_callback_that_does_not_look_at_its_token_is_left_behind_and_what_it_still_brings_is_let_go()
    {
        var server = Serve(_ => Task.CompletedTask);
        using var cancel = new CancellationTokenSource();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new WebSocketClientOptions
        {
            BufferPool = Pool,
            ConnectCallback = async (_, _) =>
            {
                await cancel.CancelAsync();
                await goOn.Task;
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Port, CancellationToken.None);
                return new SocketTransport(socket, Pool);
            },
        };
        var connect = () => WebSocketClient.ConnectAsync(server.Uri, options, cancel.Token).Soon();
        await connect.Should().ThrowAsync<OperationCanceledException>();

        goOn.SetResult();

        await Waiting.UntilAsync(() => server.Accepted == 1);
        await server.AllLetGoAsync();
    }

    [Test]
    public async Task A_connection_that_is_open_does_not_mind()
    {
        var server = await StartAsync();
        using var cancel = new CancellationTokenSource();
        var connection = Own(await WebSocketClient.ConnectAsync(UriOf(server), Options(), cancel.Token).Soon());

        await cancel.CancelAsync();

        await ShouldEchoAsync(connection);
    }

    [Test]
    public async Task At_any_moment_whatever_there_is_belongs_to_somebody()
    {
        using var certificate = TestCertificate.Create();
        var server = await StartAsync(options: new() { ServerCertificate = certificate });
        var options = new WebSocketClientOptions { BufferPool = Pool, Tls = Trust(certificate) };
        var opened = 0;
        for (var i = 0; i < 200; i++)
        {
            using var cancel = new CancellationTokenSource();
            var connect = WebSocketClient.ConnectAsync(UriOf(server, "wss"), options, cancel.Token);
            for (var turn = 0; turn < i * 5 && !connect.IsCompleted; turn++)
            {
                await Task.Yield();
            }

            await cancel.CancelAsync();
            try
            {
                var connection = await connect.Soon();
                opened++;
                connection.Abort();
                await connection.DisposeAsync().AsTask().Soon();
            }
            catch (OperationCanceledException)
            {
            }
        }

        TestContext.Out.WriteLine($"{opened} of 200 were open before they were cancelled");
        Pool.Out.Should().Be(0);
        await Waiting.UntilAsync(() => server.Connections.Count == 0);
    }

    private static async Task GoToAsync(ScriptedPeer peer, string step, X509Certificate2 certificate, CancellationTokenSource cancel)
    {
        switch (step)
        {
            case "CONNECT":
            case "the request":
                await peer.ReadHeadAsync();
                break;
            case "half of the proxy's answer":
                await peer.ReadHeadAsync();
                await peer.SendAsync("HTTP/1.1 200 Conn");
                break;
            case "the SOCKS greeting":
                await peer.ReadAsync(3);
                break;
            case "the SOCKS request":
                await peer.ReadAsync(3);
                await peer.SendAsync(5, 0);
                await peer.ReadAsync(4);
                await peer.SendAsync(5, 0, 0);
                break;
            case "the TLS hello":
                await peer.ReadAsync(1);
                break;
            case "half of the answer":
                await peer.ReadHeadAsync();
                await peer.SendAsync("HTTP/1.1 101 Switching");
                break;
            case "half of a refusal":
                await peer.ReadHeadAsync();
                await peer.SendAsync("HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf");
                break;
            case "the request over TLS":
                await peer.UseTlsAsync(certificate);
                await peer.ReadHeadAsync();
                break;
        }

        await cancel.CancelAsync();
    }
}
