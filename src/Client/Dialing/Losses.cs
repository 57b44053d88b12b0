using System.Net.Sockets;

namespace RawSocketChat.Dialing;

/// <summary>How transports fail.</summary>
internal static class Losses
{
    /// <summary>Whether it says that the connection is gone.</summary>
    public static bool IsLoss(this Exception failure) =>
        failure is SocketException or ObjectDisposedException || (failure is IOException and not WebSocketHandshakeException);
}
