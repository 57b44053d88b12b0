namespace RawSocketChat.Reconnecting;

/// <summary>
/// One connection of several, used by the loop that reads and by the one that reconnects: whoever leaves last disposes it, so that a message
/// that is being looked at stays valid though its connection has ended.
/// </summary>
internal sealed class Session(int number, WebSocketConnection connection)
{
    private readonly Lock _gate = new();
    private bool _isRead;
    private bool _isOver;
    private Task? _disposal;

    /// <summary>Its place in the order of the connections, from 1 on.</summary>
    public int Number => number;

    /// <summary>The connection.</summary>
    public WebSocketConnection Connection => connection;

    /// <summary>Whether nothing of it is left.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposal)?.IsCompletedSuccessfully == true;

    /// <summary>A loop begins to read.</summary>
    /// <returns>False where the connection is over.</returns>
    /// <exception cref="InvalidOperationException">Another loop is reading.</exception>
    public bool TryAttach()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return false;
            }

            if (_isRead)
            {
                throw new InvalidOperationException("Another loop is reading already.");
            }

            return _isRead = true;
        }
    }

    /// <summary>The loop has stopped reading. TCP may take its time to end; the loop does not wait for it.</summary>
    public void Detach() => Leave(isRead: false, isOver: null);

    /// <summary>The connection has ended. The next attempt does not wait for TCP either.</summary>
    public void End() => Leave(isRead: null, isOver: true);

    private void Leave(bool? isRead, bool? isOver)
    {
        bool isLast;
        lock (_gate)
        {
            (_isRead, _isOver) = (isRead ?? _isRead, isOver ?? _isOver);
            isLast = _isOver && !_isRead;
        }

        if (isLast)
        {
            Volatile.Write(ref _disposal, connection.DisposeAsync().AsTask());
        }
    }
}
