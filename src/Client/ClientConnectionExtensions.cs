using RawSocketChat.Handshake;

namespace RawSocketChat;

/// <summary>What a client's connection knows beyond what both ends do.</summary>
public static class ClientConnectionExtensions
{
    /// <summary>The header fields of the 101 that opened the connection, in the order received; values as Latin-1.</summary>
    /// <param name="connection">A connection that a <see cref="WebSocketClient"/> opened.</param>
    /// <returns>The fields, a list made anew by each call.</returns>
    /// <exception cref="InvalidOperationException">The connection was not opened by a client.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> GetResponseHeaders(this WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Handshake is HttpResponseHead head
            ? [.. head.Headers]
            : throw new InvalidOperationException("The connection was not opened by a client.");
    }
}
