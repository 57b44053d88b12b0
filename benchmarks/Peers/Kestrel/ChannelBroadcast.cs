using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Kestrel;

/// <summary>A broadcast that waits for nobody: a queue and a sender of its own for each socket; the payload is copied once for all.</summary>
internal sealed class ChannelBroadcast
{
    private readonly ConcurrentDictionary<WebSocket, Channel<(byte[] Payload, WebSocketMessageType Type)>> _members = [];

    public async Task ServeAsync(WebSocket socket)
    {
        var queue = Channel.CreateUnbounded<(byte[], WebSocketMessageType)>(new() { SingleReader = true });
        _members[socket] = queue;
        var sending = SendAllAsync(socket, queue.Reader);
        try
        {
            var reader = new MessageReader(socket);
            while (await reader.ReadAsync() is var (payload, type))
            {
                var copy = payload.ToArray();
                foreach (var (_, member) in _members)
                {
                    member.Writer.TryWrite((copy, type));
                }
            }
        }
        finally
        {
            _members.TryRemove(socket, out _);
            queue.Writer.Complete();
            await sending;
        }
    }

    private static async Task SendAllAsync(WebSocket socket, ChannelReader<(byte[] Payload, WebSocketMessageType Type)> queue)
    {
        try
        {
            await foreach (var (payload, type) in queue.ReadAllAsync())
            {
                await socket.SendAsync(payload.AsMemory(), type, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // The peer is gone; the reading end notices as well.
        }
    }
}
