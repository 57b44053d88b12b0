using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>What the sample servers promise to scripts: their first line, their signals, their exit status.</summary>
public sealed class Programs
{
    [TestCase("EchoServer")]
    [TestCase("ChatHost")]
    public async Task A_port_in_use_is_one_clear_line_and_exit_status_1(string sample)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var host = HostProcess.StartSample(sample, "--port", $"{port}");

        (await host.ReadLineAsync()).Should().BeNull();
        (await host.ExitAsync()).Should().Be(1);
        host.Errors.Should().Be($"--port: {port} is in use already on 127.0.0.1; choose another.{Environment.NewLine}");
    }

    [TestCase("EchoServer", "--port", "65536")]
    [TestCase("EchoServer", "--max-message", "0")]
    [TestCase("EchoServer", "--bort", "1")]
    [TestCase("EchoServer", "--tls-cert", "no-such-file.pfx")]
    [TestCase("EchoClient", "--url", "ftp://127.0.0.1/")]
    [TestCase("EchoClient", "--deflate", "perhaps")]
    [TestCase("ChatClient", "--name", "server")]
    [TestCase("ChatHost", "--announce-every", "-1")]
    [TestCase("ChatHost", "--tls-cert", "no-such-file.pfx")]
    public async Task A_wrong_switch_is_one_clear_line_and_exit_status_1(string sample, string name, string value)
    {
        await using var host = HostProcess.StartSample(sample, name, value);

        (await host.ReadLineAsync()).Should().BeNull();
        (await host.ExitAsync()).Should().Be(1);
        host.Errors.TrimEnd().Should().Contain(name).And.NotContain("\n").And.NotContain("   at ");
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task The_echo_server_echoes_and_on_a_signal_closes_with_1001_and_exits_with_0(string signal)
    {
        await using var host = HostProcess.StartSample("EchoServer", "--port", "0");
        using var client = new ClientWebSocket();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await client.ConnectAsync(await host.ListeningAsync(), bound.Token);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, bound.Token);
        var buffer = new byte[100];
        var echo = await client.ReceiveAsync(buffer, bound.Token);
        buffer.AsSpan(0, echo.Count).ToArray().Should().Equal("hello"u8.ToArray());

        await host.SignalAsync(signal);

        await client.ReceiveAsync(buffer, bound.Token);
        client.CloseStatus.Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await client.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, bound.Token);
        (await host.ExitAsync()).Should().Be(0);
    }

    [Test]
    public async Task The_echo_client_prints_what_comes_back_and_at_the_end_of_its_input_leaves_with_0()
    {
        await using var server = new WebSocketServer(new(), EchoAsync);
        await server.StartAsync();
        await using var client = HostProcess.StartSample("EchoClient", "--url", $"ws://{server.LocalEndPoint}");

        await client.WriteLineAsync("hello");
        (await client.ReadLineAsync()).Should().Be("hello", client.Errors);
        client.EndInput();

        (await client.ExitAsync()).Should().Be(0);
    }

    [Test]
    public async Task The_echo_client_answers_every_case_of_a_conformance_server_and_asks_for_the_reports()
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = new WebSocketServer(new() { MaxMessageSize = 1 << 24 }, async (connection, stopping) =>
        {
            var request = connection.GetRequest();
            asked.Enqueue(request.Target);
            if (request.Path == "/getCaseCount")
            {
                await connection.SendAsync("3", stopping);
            }
            else if (request.Path == "/runCase")
            {
                var payload = new string('x', request.Query.Contains("case=3", StringComparison.Ordinal) ? 9_000_000 : 5);
                await connection.SendAsync(payload, stopping);
                (await connection.ReceiveAsync(stopping)).Text.Should().Be(payload);
                asked.Enqueue("echoed");
            }
        });
        await server.StartAsync();
        await using var client = HostProcess.StartSample("EchoClient", "--url", $"ws://{server.LocalEndPoint}", "--cases", "its name");

        (await client.ReadLineAsync()).Should().Be("3 cases answered", client.Errors);
        (await client.ExitAsync()).Should().Be(0);
        asked.Should().Equal(
            "/getCaseCount",
            "/runCase?case=1&agent=its%20name",
            "echoed",
            "/runCase?case=2&agent=its%20name",
            "echoed",
            "/runCase?case=3&agent=its%20name",
            "echoed",
            "/updateReports?agent=its%20name");
    }

    [Test]
    public async Task The_echo_client_tells_a_server_that_is_not_there_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        await using var client = HostProcess.StartSample("EchoClient", "--url", $"ws://127.0.0.1:{port}");

        (await client.ExitAsync()).Should().Be(1);
        client.Errors.Should().Be($"--url: 127.0.0.1, port {port}, could not be connected to: Connection refused{Environment.NewLine}");
    }

    private static async Task EchoAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            await connection.SendAsync(message, stopping);
        }
    }
}
