using System.Net.WebSockets;

namespace Kestrel;

/// <summary>An echo the way the framework's documentation teaches it: 4 KiB, array segments, piece by piece.</summary>
internal static class DocumentedEcho
{
    public static async Task ServeAsync(WebSocket socket)
    {
        var buffer = new byte[4 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(new ArraySegment<byte>(buffer), CancellationToken.None);
            if (received.CloseStatus is { } status)
            {
                await socket.CloseAsync(status, received.CloseStatusDescription, CancellationToken.None);
                return;
            }

            await socket.SendAsync(
                new ArraySegment<byte>(buffer, 0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    }
}
