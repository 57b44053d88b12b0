namespace RawSocketChat.Sending;

/// <summary>
/// What one thread sends while it works through what was received is gathered: each connection that was sent something is written once, at
/// the end. Sixteen messages that came together and go to a thousand members are a thousand writes, not sixteen thousand.
/// </summary>
/// <remarks>There is one for each thread; others may only flush it.</remarks>
internal sealed class Cork
{
    [ThreadStatic]
    private static Cork? _own;

    private readonly Queue<FrameSender> _senders = new();
    private int _depth;

    private Cork()
    {
    }

    /// <summary>The cork that this thread has begun, or null.</summary>
    public static Cork? Present => _own is { _depth: > 0 } cork ? cork : null;

    /// <summary>From here to <see cref="End"/>, what this thread sends is gathered. Nests: the outermost end counts.</summary>
    public static Cork Begin()
    {
        var cork = _own ??= new();
        cork._depth++;
        return cork;
    }

    /// <summary>Writes what was gathered. On the thread that has begun.</summary>
    public void End()
    {
        if (--_depth == 0)
        {
            Flush();
        }
    }

    /// <summary>Remembers a sender that has something to write.</summary>
    public void Add(FrameSender sender)
    {
        lock (_senders)
        {
            _senders.Enqueue(sender);
        }
    }

    /// <summary>Writes what was gathered so far. For any thread: the one whose cork it is may be blocked.</summary>
    public void Flush()
    {
        while (true)
        {
            FrameSender? sender;
            lock (_senders)
            {
                if (!_senders.TryDequeue(out sender))
                {
                    return;
                }
            }

            sender.FlushCorked();
        }
    }
}
