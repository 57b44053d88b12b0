using System.Net.WebSockets;

namespace RawSocketChat.Samples;

/// <summary>Each line of standard input goes to the server, and what comes back to standard output.</summary>
internal static class EchoLines
{
    public static async Task RunAsync(Uri server, DeflateOptions? deflate, CancellationToken stop)
    {
        await using var connection = await WebSocketClient.ConnectAsync(server, new() { Deflate = deflate }, stop);
        var printing = PrintAsync(connection);
        try
        {
            // A console's read cannot be cancelled; it is left where it is.
            while (await Console.In.ReadLineAsync(stop).AsTask().WaitAsync(stop) is { } line && connection.State == WebSocketState.Open)
            {
                await connection.SendAsync(line, stop);
            }
        }
        finally
        {
            // Behind the close frame the server answers nothing: but it has answered all that came before it.
            connection.StartClose(WebSocketCloseStatus.NormalClosure);
            await printing;
        }
    }

    private static async Task PrintAsync(WebSocketConnection connection)
    {
        await foreach (var message in connection.ReadAllAsync())
        {
            Console.WriteLine(message.Type == WebSocketMessageType.Text ? LogText.OneLine(message.Text) : $"({message.Payload.Length} bytes)");
        }
    }
}
