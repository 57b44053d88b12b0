using System.Globalization;

namespace RawSocketChat.Samples;

/// <summary>
/// The client's side of a conformance server, in the way that such servers agree on: it tells how many cases it has, runs one on each
/// connection, and writes its reports when it is asked to.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="agent">The name under which it reports.</param>
/// <param name="deflate">The compression that is offered; null for none.</param>
internal sealed class ConformanceCases(Uri server, string agent, DeflateOptions? deflate)
{
    private readonly WebSocketClientOptions _options = new()
    {
        Deflate = deflate,

        // The largest case has 16 MiB.
        MaxMessageSize = 64 * 1024 * 1024,
        MaxOutgoingBytes = 64 * 1024 * 1024,
    };

    private readonly string _agent = Uri.EscapeDataString(agent);

    public async Task RunAsync(CancellationToken stop)
    {
        var count = await CountAsync(stop);
        for (var number = 1; number <= count; number++)
        {
            try
            {
                await EchoAsync($"/runCase?case={number}&agent={_agent}", stop);
            }
            catch (WebSocketHandshakeException failure) when (failure.StatusCode is not null)
            {
                // What the server makes of that is in its report; the next case may be another matter.
                await Console.Error.WriteLineAsync($"case {number}: {failure.Message}");
            }
        }

        await EchoAsync($"/updateReports?agent={_agent}", stop);
        Console.WriteLine($"{count} cases answered");
    }

    private async Task<int> CountAsync(CancellationToken stop)
    {
        await using var connection = await ConnectAsync("/getCaseCount", stop);
        var message = await connection.ReceiveAsync(stop);
        return int.TryParse(message.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new SwitchException("--url: the server did not tell how many cases it has.");
    }

    private async Task EchoAsync(string resource, CancellationToken stop)
    {
        await using var connection = await ConnectAsync(resource, stop);
        try
        {
            await foreach (var message in connection.ReadAllAsync(stop))
            {
                await connection.SendAsync(message, stop);
            }
        }
        catch (ConnectionClosedException)
        {
            // The server has closed before it was answered, as some cases do.
        }
    }

    private Task<WebSocketConnection> ConnectAsync(string resource, CancellationToken stop) =>
        WebSocketClient.ConnectAsync(new Uri(server, resource), _options, stop);
}
