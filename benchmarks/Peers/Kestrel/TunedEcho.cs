using System.Net.WebSockets;

namespace Kestrel;

/// <summary>An echo that sends each message in one piece and allocates nothing for it.</summary>
internal static class TunedEcho
{
    public static async Task ServeAsync(WebSocket socket)
    {
        var reader = new MessageReader(socket);
        while (await reader.ReadAsync() is var (payload, type))
        {
            await socket.SendAsync(payload, type, endOfMessage: true, CancellationToken.None);
        }
    }
}
