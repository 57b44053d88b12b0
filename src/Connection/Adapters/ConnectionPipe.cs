using System.Buffers;
using System.IO.Pipelines;

using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat.Adapters;

/// <summary>A connection's binary messages as a duplex pipe: see <see cref="WebSocketConnection.AsDuplexPipe"/>.</summary>
internal sealed class ConnectionPipe : IDuplexPipe
{
    private readonly WebSocketConnection _connection;
    private int _openHalves = 2;

    /// <summary>A pipe over a connection.</summary>
    public ConnectionPipe(WebSocketConnection connection, Receiver receiver, FrameSender sender, ArrayPool<byte> pool)
    {
        _connection = connection;
        Input = new ConnectionPipeReader(new(connection, receiver), pool, OnHalfCompleted);
        Output = new ConnectionPipeWriter(connection, new(sender), pool, OnHalfCompleted);
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    private void OnHalfCompleted()
    {
        if (Interlocked.Decrement(ref _openHalves) == 0)
        {
            _ = _connection.DisposeAsync().AsTask();
        }
    }
}
