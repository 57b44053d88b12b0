namespace RawSocketChat;

/// <summary>The two ends of one connection in memory, for tests: see <see cref="WebSocketConnection.CreatePair"/>.</summary>
public sealed class WebSocketPair : IAsyncDisposable
{
    internal WebSocketPair(WebSocketConnection client, WebSocketConnection server)
    {
        Client = client;
        Server = server;
    }

    /// <summary>The client's end: it masks what it sends (RFC 6455 §5.1).</summary>
    public WebSocketConnection Client { get; }

    /// <summary>The server's end.</summary>
    public WebSocketConnection Server { get; }

    /// <summary>Both ends: <c>var (client, server) = WebSocketConnection.CreatePair();</c></summary>
    /// <param name="client">The client's end.</param>
    /// <param name="server">The server's end.</param>
    public void Deconstruct(out WebSocketConnection client, out WebSocketConnection server) => (client, server) = (Client, Server);

    /// <summary>
    /// Closes and disposes both ends together, so that neither waits for the other. Where each is disposed by itself, the first waits until
    /// the other one receives, closes or is disposed too, at most for the close timeout.
    /// </summary>
    /// <returns>The completion.</returns>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(Client.DisposeAsync().AsTask(), Server.DisposeAsync().AsTask()).ConfigureAwait(false);
}
