using RawSocketChat.Handshake;

namespace RawSocketChat;

/// <summary>What a server's connection knows beyond what both ends do.</summary>
public static class ServerConnectionExtensions
{
    /// <summary>The upgrade request that opened the connection: its path, query and header fields.</summary>
    /// <param name="connection">A connection that a <see cref="WebSocketServer"/> accepted.</param>
    /// <returns>The request.</returns>
    /// <exception cref="InvalidOperationException">The connection was not accepted by a server.</exception>
    public static HttpRequest GetRequest(this WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Handshake as HttpRequest
            ?? throw new InvalidOperationException("The connection was not accepted by a server.");
    }
}
