using System.Net.WebSockets;

using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.Load.Tests;

/// <summary>What BenchServer promises to those who measure it.</summary>
public sealed class The_server_under_measurement
{
    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task It_echoes_broadcasts_tells_its_memory_and_stops_on_a_signal_with_exit_status_0(string signal)
    {
        await using var host = HostProcess.StartSample("BenchServer", "--port", "0", "--transport", "portable", "--deflate", "off");
        var uri = await host.ListeningAsync();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        using var echo = await ConnectAsync(uri, "/echo", bound.Token);
        await echo.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, bound.Token);
        (await ReceiveAsync(echo, bound.Token)).Should().Be("hello");
        await echo.CloseAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token);

        using var sender = await ConnectAsync(uri, "/broadcast", bound.Token);
        using var member = await ConnectAsync(uri, "/broadcast", bound.Token);
        await sender.SendAsync("to all"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, bound.Token);
        (await ReceiveAsync(sender, bound.Token)).Should().Be("to all");
        (await ReceiveAsync(member, bound.Token)).Should().Be("to all");

        using var http = new HttpClient();
        var stats = await http.GetStringAsync(new UriBuilder(uri) { Scheme = "http", Path = "/stats", Query = "collect" }.Uri, bound.Token);
        stats.Should().MatchRegex("""^\{"allocatedBytes":[0-9]+,"heapBytes":[0-9]+,"compiledMethods":[0-9]+\}$""");

        await host.SignalAsync(signal);

        (await host.ExitAsync()).Should().Be(0);
        host.Errors.Should().BeEmpty();
    }

    [TestCase("--transport", "carrier pigeon")]
    [TestCase("--deflate", "maybe")]
    [TestCase("--port", "-1")]
    [TestCase("--bort", "1")]
    public async Task A_wrong_switch_is_one_clear_line_and_exit_status_1(string name, string value)
    {
        await using var host = HostProcess.StartSample("BenchServer", name, value);

        (await host.ReadLineAsync()).Should().BeNull();
        (await host.ExitAsync()).Should().Be(1);
        host.Errors.TrimEnd().Should().Contain(name).And.NotContain("\n").And.NotContain("   at ");
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri uri, string path, CancellationToken bound)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new(uri, path), bound);
        return client;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket client, CancellationToken bound)
    {
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, bound);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
