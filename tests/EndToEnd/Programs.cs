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
}
