using System.Buffers;
using System.Runtime.CompilerServices;

namespace RawSocketChat.Sending;

/// <summary>
/// What a sender has beside the bytes that wait for the next write and those that are being written: what is held, and who waits. Most
/// connections never have any. Under the sender's lock, but for what is said.
/// </summary>
internal sealed class SendBacklog
{
    /// <summary>Other messages, while one is open. A field, or it would be copied.</summary>
    public SegmentChain Held;

    /// <summary>The write that is pending. By the one writer.</summary>
    public ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter Write;

    private readonly LinkedList<SendWaiter> _waitingForWrite = new();

    // A waiter whose wait is over, for the next: mostly one send waits at a time.
    private SendWaiter? _spare;

    /// <summary>What goes on when the pending write is done. By the one writer.</summary>
    public Action? OnWritten { get; set; }

    /// <summary>The pong to the newest ping, where there was no room for it.</summary>
    public byte[]? LatestPong { get; set; }

    /// <summary>Is told when everything is written, or never will be.</summary>
    public TaskCompletionSource? Drained { get; set; }

    /// <summary>Who waits for room, first come first served; fragments of the open message go before the others.</summary>
    public LinkedList<SendWaiter> WaitingForRoom { get; } = new();

    /// <summary>A waiter to wait with.</summary>
    public SendWaiter TakeWaiter()
    {
        var spare = Volatile.Read(ref _spare);
        _spare = null;
        return spare ?? new(this);
    }

    /// <summary>Takes back a waiter whose wait is over, to use it again. Without the lock.</summary>
    public void TakeBack(SendWaiter waiter)
    {
        waiter.Frame = default;
        Volatile.Write(ref _spare, waiter);
    }

    /// <summary>
    /// Lets a waiter wait until its payload is written, in the order in which the payloads stand in the chain. Callers come in another: each has
    /// let go of the lock in between.
    /// </summary>
    public void AwaitWrite(SendWaiter waiter)
    {
        var before = _waitingForWrite.Last;
        while (before is not null && before.Value.Target > waiter.Target)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _waitingForWrite.AddFirst(waiter.Node);
        }
        else
        {
            _waitingForWrite.AddAfter(before, waiter.Node);
        }
    }

    /// <summary>So many payloads are written: tells those who wait for them.</summary>
    public void TellWritten(long written)
    {
        while (_waitingForWrite.First is { } first && first.Value.Target <= written)
        {
            _waitingForWrite.RemoveFirst();
            first.Value.Complete();
        }
    }

    /// <summary>Discards what is held, and fails those who wait for room, and those whose payload was discarded.</summary>
    /// <param name="pool">Whose the buffers are.</param>
    /// <param name="connection">Tells why.</param>
    /// <param name="kept">The payload up to which none was discarded: what is being written is still being read from.</param>
    public void Forget(ArrayPool<byte> pool, WebSocketConnection connection, long kept)
    {
        Held.Release(pool);
        LatestPong = null;
        while (WaitingForRoom.First is { } first)
        {
            WaitingForRoom.RemoveFirst();
            first.Value.Fail(connection.ClosedException());
        }

        while (_waitingForWrite.Last is { } last && last.Value.Target > kept)
        {
            _waitingForWrite.RemoveLast();
            last.Value.Fail(connection.ClosedException());
        }
    }
}
