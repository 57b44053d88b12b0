using System.Net.WebSockets;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A server of the library in this process, on a port of its own; echoes unless told otherwise.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebSocketServer _server;
    private readonly TaskCompletionSource _echoed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<(WebSocketCloseStatus? Status, string? Reason)> _ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestServer(WebSocketServerOptions options) => _server = new(options);

    /// <summary>Where it listens.</summary>
    public Uri Url => new($"ws://{_server.LocalEndPoint}/");

    /// <summary>The server itself.</summary>
    public WebSocketServer Server => _server;

    /// <summary>Done when the first message has been echoed.</summary>
    public Task Echoed => _echoed.Task;

    /// <summary>How the first connection to end was closed, as its handler sees it.</summary>
    public Task<(WebSocketCloseStatus? Status, string? Reason)> Ended => _ended.Task;

    public static async Task<TestServer> StartAsync(WebSocketServerOptions? options = null, WebSocketHandler? handler = null)
    {
        var server = new TestServer(options ?? new() { MaxMessageSize = 64 * 1024 * 1024 });
        handler ??= server.EchoAsync;
        await server._server.StartAsync(async (connection, stopping) =>
        {
            await handler(connection, stopping);
            server._ended.TrySetResult((connection.CloseStatus, connection.CloseStatusDescription));
        });
        return server;
    }

    public Task StopAsync() => _server.StopAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task EchoAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            await connection.SendAsync(message, stopping);
            _echoed.TrySetResult();
        }
    }
}
