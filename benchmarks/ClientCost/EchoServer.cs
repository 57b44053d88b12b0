namespace RawSocketChat.ClientCost;

/// <summary>The server that both kinds of client talk to.</summary>
internal static class EchoServer
{
    public static async Task<int> RunAsync()
    {
        Console.ReadLine();
        await using var server = new WebSocketServer(
            new() { MaxMessageSize = 1 << 20, Backlog = 1024, KeepAliveInterval = Timeout.InfiniteTimeSpan },
            static async (connection, stopping) =>
            {
                await foreach (var message in connection.ReadAllAsync(stopping))
                {
                    await connection.SendAsync(message, stopping);
                }
            });
        await server.StartAsync();
        Console.WriteLine(server.LocalEndPoint.Port);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
