using System.Buffers;
using System.Net.WebSockets;

using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>Both implementations of a server's end over a stream, with nothing that a timer would do beside the measurement.</summary>
internal static class ServerEnd
{
    /// <summary>Ours.</summary>
    public static WebSocketConnection Ours(BenchmarkStream stream) => new(
        new StreamTransport(stream, new NoTransport(stream), ArrayPool<byte>.Shared),
        EndpointRole.Server,
        new() { KeepAliveInterval = Timeout.InfiniteTimeSpan });

    /// <summary>The one of System.Net.WebSockets.</summary>
    public static WebSocket Managed(Stream stream) =>
        WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });

    /// <summary>Ends ours without a closing handshake: there is no peer to answer it.</summary>
    public static async Task EndAsync(WebSocketConnection connection)
    {
        connection.Abort();
        await connection.DisposeAsync();
    }
}
