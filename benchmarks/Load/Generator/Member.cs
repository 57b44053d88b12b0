namespace RawSocketChat.Load.Generator;

/// <summary>One upgraded connection: its socket, what it sends and what it expects.</summary>
internal sealed class Member(ClientSocket socket, int number, FrameTape tape, int depth, ReplyReader replies) : IDisposable
{
    private int _position;
    private int _owed;
    private ReadOnlyMemory<byte> _unsent;

    public ReplyReader Replies => replies;

    public FrameTape Tape => tape;

    /// <summary>Whether it was the first to be opened.</summary>
    public bool IsFirst => number == 0;

    /// <summary>How many messages have come back.</summary>
    public long Received { get; set; }

    /// <summary>When the messages on their way were sent, each at its number modulo the depth.</summary>
    public long[] SentAt { get; } = new long[depth];

    public int Receive(Span<byte> buffer) => socket.Receive(buffer);

    /// <summary>Sends so many messages more; what there is no room for goes out when there is.</summary>
    public void Send(int count, Epoll ready)
    {
        _owed += count;
        if (_unsent.IsEmpty && !TrySendOwed())
        {
            ready.WatchRoom(socket.Descriptor, number, isWanted: true);
        }
    }

    /// <summary>Goes on sending: there is room.</summary>
    public void GoOn(Epoll ready)
    {
        if (TrySendOwed())
        {
            ready.WatchRoom(socket.Descriptor, number, isWanted: false);
        }
    }

    public void Dispose() => socket.Dispose();

    private bool TrySendOwed()
    {
        while (_owed > 0 || !_unsent.IsEmpty)
        {
            if (_unsent.IsEmpty)
            {
                _unsent = tape.Run(_position, _owed);
                _position = tape.End(_position, _owed);
                _owed = 0;
            }

            var sent = socket.Send(_unsent.Span);
            if (sent < 0)
            {
                return false;
            }

            _unsent = _unsent[sent..];
        }

        return true;
    }
}
