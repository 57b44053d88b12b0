using System.Net.WebSockets;

namespace Kestrel;

/// <summary>Whole messages into one buffer that grows to the longest, with the overloads that allocate nothing.</summary>
internal sealed class MessageReader(WebSocket socket)
{
    private byte[] _buffer = new byte[4 * 1024];

    /// <summary>The next message, valid until the next call; null where the peer has closed.</summary>
    public async ValueTask<(ReadOnlyMemory<byte> Payload, WebSocketMessageType Type)?> ReadAsync()
    {
        var filled = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(filled), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return null;
            }

            filled += received.Count;
            if (received.EndOfMessage)
            {
                return (_buffer.AsMemory(0, filled), received.MessageType);
            }

            if (filled == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }
        }
    }
}
