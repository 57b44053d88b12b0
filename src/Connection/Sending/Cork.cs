namespace RawSocketChat.Sending;

/// <summary>
/// What one thread sends while it works through what was received is gathered: each connection that was sent something is written once, at
/// the end. Sixteen messages that came together and go to a thousand members are a thousand writes, not sixteen thousand.
/// </summary>
/// <remarks>There is one for each thread; others may only abandon it, for the one whose it is may be blocked.</remarks>
internal sealed class Cork
{
    // To wake another thread costs about as much as a few writes.
    private const int FewestToSpread = 64;

    [ThreadStatic]
    private static Cork? _own;

    private readonly Queue<FrameSender> _senders = new();
    private readonly List<ITransportLoop> _loops = [];
    private FrameSender? _answering;
    private int _depth;
    private bool _abandoned;

    private Cork()
    {
    }

    /// <summary>The cork that this thread has begun, or null.</summary>
    public static Cork? Present => _own is { _depth: > 0 } cork ? cork : null;

    /// <summary>From here to <see cref="End()"/>, what this thread sends is gathered. Nests: the outermost end counts.</summary>
    public static Cork Begin()
    {
        var cork = _own ??= new();
        cork._depth++;
        return cork;
    }

    /// <summary>
    /// The same for a thread that works through a connection's input. Whoever does so writes the answers to it, so that they need not be remembered.
    /// </summary>
    /// <param name="answering">What sends the answers.</param>
    /// <param name="outer">What answers another input inside whose work this is, or null: for <see cref="End(FrameSender?)"/>.</param>
    public static Cork Begin(FrameSender answering, out FrameSender? outer)
    {
        var cork = Begin();

        // With a full fence: whoever abandons either sees it, or is seen by what it sends.
        outer = Interlocked.Exchange(ref cork._answering, answering);
        if (outer is not null && !cork.TryRemember(outer))
        {
            outer.Flush();
        }

        return cork;
    }

    /// <summary>Writes what was gathered. On the thread that has begun.</summary>
    public void End()
    {
        if (--_depth == 0)
        {
            FlushGathered();
        }
    }

    /// <summary>Ends the work on a connection's input; its answers are written already.</summary>
    /// <param name="outer">As it was told at the beginning.</param>
    public void End(FrameSender? outer)
    {
        Volatile.Write(ref _answering, outer);
        End();
    }

    /// <summary>
    /// At the end of a piece of input: writes what was gathered where nothing around this will do so. A peer that never stops sending must
    /// not hold up what others are sent.
    /// </summary>
    public static void FlushOutermost()
    {
        if (_own is { _depth: 1 } cork)
        {
            cork.FlushGathered();
        }
    }

    /// <summary>Takes in a sender that has something to write. On this thread, under the sender's lock.</summary>
    /// <returns>False where nothing is gathered any more.</returns>
    public bool TryAdd(FrameSender sender) => sender == _answering ? !Volatile.Read(ref _abandoned) : TryRemember(sender);

    private bool TryRemember(FrameSender sender)
    {
        lock (_senders)
        {
            if (_abandoned)
            {
                return false;
            }

            _senders.Enqueue(sender);
            return true;
        }
    }

    /// <summary>Writes what was gathered, and gathers nothing any more. For any thread.</summary>
    public void Abandon()
    {
        lock (_senders)
        {
            _abandoned = true;
        }

        // Under its lock it has either gathered something, or will see that nothing is gathered any more.
        Interlocked.MemoryBarrier();
        _answering?.Flush();
        Flush();
    }

    // Only this thread adds something: where it sees nothing, there is nothing.
    private void FlushGathered()
    {
        if (_senders.Count > 0)
        {
            Flush();
        }
    }

    private void Flush()
    {
        Spread();
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

    // Of many connections each one's loop writes its own, all at the same time.
    private void Spread()
    {
        lock (_senders)
        {
            if (_senders.Count < FewestToSpread)
            {
                return;
            }

            for (var left = _senders.Count; left > 0; left--)
            {
                var sender = _senders.Dequeue();
                if (sender.Loop is not { } loop || !loop.TryPost(sender))
                {
                    _senders.Enqueue(sender);
                }
                else if (!_loops.Contains(loop))
                {
                    _loops.Add(loop);
                }
            }

            _loops.ForEach(static loop => loop.Wake());
            _loops.Clear();
        }
    }
}
