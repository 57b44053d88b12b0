namespace RawSocketChat.Receiving;

/// <summary>
/// All loops over messages that end with one token, behind one registration: the stop of a server is one token for all its connections, and
/// a registration for each would be 80 bytes.
/// </summary>
/// <remarks>Thread-safe. One lock for all of them: it is taken when a loop begins and when it ends.</remarks>
internal sealed class Cancellation
{
    private static readonly Dictionary<CancellationToken, Cancellation> All = [];

    private CancellationTokenRegistration _registration;
    private MessageEnumerable? _first;

    /// <summary>From here on the loop's pending receive is woken when the token is cancelled. Not where it is already.</summary>
    public static void Join(MessageEnumerable loop, CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        lock (All)
        {
            if (!All.TryGetValue(token, out var cancellation))
            {
                cancellation = new();
                cancellation._registration = token.UnsafeRegister(static self => ((Cancellation)self!).Wake(), cancellation);
                All.Add(token, cancellation);
            }

            loop.Next = cancellation._first;
            if (loop.Next is not null)
            {
                loop.Next.Previous = loop;
            }

            cancellation._first = loop;
        }
    }

    /// <summary>The loop has ended.</summary>
    public static void Leave(MessageEnumerable loop, CancellationToken token)
    {
        lock (All)
        {
            if (!All.TryGetValue(token, out var cancellation) || (loop.Previous is null && cancellation._first != loop))
            {
                // It has left already, or was never there.
                return;
            }

            if (loop.Previous is null)
            {
                cancellation._first = loop.Next;
            }
            else
            {
                loop.Previous.Next = loop.Next;
            }

            if (loop.Next is not null)
            {
                loop.Next.Previous = loop.Previous;
            }

            (loop.Previous, loop.Next) = (null, null);
            if (cancellation._first is null)
            {
                All.Remove(token);
                cancellation._registration.Unregister();
            }
        }
    }

    private void Wake()
    {
        var loops = new List<MessageEnumerable>();
        lock (All)
        {
            for (var loop = _first; loop is not null; loop = loop.Next)
            {
                loops.Add(loop);
            }
        }

        // Outside the lock: whoever waits may run at once where the transport is another's.
        foreach (var loop in loops)
        {
            loop.Wake();
        }
    }
}
