using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace Kestrel;

/// <summary>A broadcast as most write it: a semaphore a socket, as a socket bears one send at a time, and all sends awaited together.</summary>
internal sealed class LockedBroadcast
{
    private readonly ConcurrentDictionary<WebSocket, SemaphoreSlim> _members = [];

    public async Task ServeAsync(WebSocket socket)
    {
        using var turn = new SemaphoreSlim(1);
        _members[socket] = turn;
        try
        {
            var reader = new MessageReader(socket);
            while (await reader.ReadAsync() is var (payload, type))
            {
                await Task.WhenAll(_members.Select(member => SendAsync(member.Key, member.Value, payload, type)));
            }
        }
        finally
        {
            _members.TryRemove(socket, out _);
        }
    }

    private static async Task SendAsync(WebSocket socket, SemaphoreSlim turn, ReadOnlyMemory<byte> payload, WebSocketMessageType type)
    {
        await turn.WaitAsync();
        try
        {
            await socket.SendAsync(payload, type, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }
}
