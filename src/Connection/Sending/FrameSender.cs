using System.Net.WebSockets;
using System.Runtime.CompilerServices;

using RawSocketChat.Compression;
using RawSocketChat.Framing;

namespace RawSocketChat.Sending;

/// <summary>
/// The outgoing half of a connection. Any number of threads append whole frames under one lock; whoever finds no write under way
/// writes at once, on its own thread, and whoever finds one leaves its bytes for that writer to take along. The buffer is bounded:
/// an awaited send waits for room, first come first served.
/// </summary>
/// <remarks>Its lock is itself: there is one for each connection, idle or not, and nobody outside the connection has a reference.</remarks>
internal sealed class FrameSender : IThreadPoolWorkItem
{
    // Beyond this many bytes a batch of corked answers is written before the received buffer has come to its end.
    private const int MostCorkedBytes = 64 * 1024;

    // Up to here a payload is copied where more answers are likely to follow at once: one write for several costs less than the copies save.
    private const int LargestGathered = MostCorkedBytes / 2;

    // Beyond this many bytes of unsent control frames, only the pong to the newest ping is kept (RFC 6455 §5.5.3 allows it).
    private const int MostControlBytes = 8 * 1024;

    // After so many writes in a row for others, the thread goes back to its own work and a pool thread takes over.
    private const int MostWritesInARow = 16;

    private readonly int _maxOutgoingBytes;
    private readonly WebSocketConnection _connection;
    private readonly FrameEncoder _encoder;
    private readonly MessageCompressor? _compressor;

    private SegmentChain _pending;
    private SegmentChain _inFlight;

    // Made when first needed, which is never for most: an idle connection is to be small.
    private SendBacklog? _backlog;

    // Payloads sent from where they lie are counted: a send is done when as many have been written as stood before it and its own.
    private long _referencesAppended;
    private long _referencesWritten;
    private int _batchesWritten;
    private int _pendingControlBytes;

    // What the last batch has copied: the next one gets that much in one piece.
    private int _copiedInBatch;
    private bool _writing;
    private Cork? _corkedIn;
    private bool _messageOpen;
    private bool _openingWaits;
    private bool _closed;
    private bool _ended;

    /// <summary>A sender over a connection's transport.</summary>
    /// <param name="connection">Its transport is written to; it is told, outside the lock, when a write has failed.</param>
    /// <param name="options">The bound and the pool.</param>
    /// <param name="masks">A client's masking keys; null for a server, which does not mask.</param>
    /// <param name="compressor">What compresses; null where that was not agreed on.</param>
    public FrameSender(
        WebSocketConnection connection,
        WebSocketConnectionOptions options,
        MaskKeySource? masks,
        MessageCompressor? compressor)
    {
        _connection = connection;
        _maxOutgoingBytes = options.MaxOutgoingBytes;
        _encoder = new(options.BufferPool, masks);
        _compressor = compressor;
    }

    /// <summary>How many bytes wait to be written or are being written.</summary>
    public long OutgoingBytes
    {
        get
        {
            lock (this)
            {
                return _pending.Length + _inFlight.Length + (_backlog?.Held.Length ?? 0);
            }
        }
    }

    /// <summary>A number that changes while a write that is pending gets on; -1 where none is pending.</summary>
    public long WriteProgress
    {
        get
        {
            lock (this)
            {
                return _writing ? (uint)_batchesWritten + _connection.Transport.WriteProgress : -1;
            }
        }
    }

    /// <summary>What compresses; null where that was not agreed on.</summary>
    public MessageCompressor? Compressor => _compressor;

    /// <summary>Which end this is.</summary>
    public EndpointRole Role => _encoder.Role;

    /// <summary>The thread that the connection belongs to; null where it belongs to none.</summary>
    public ITransportLoop? Loop => _connection.Transport.Loop;

    /// <summary>Appends bytes as they are, without writing them yet.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (this)
        {
            _encoder.Append(ref _pending, bytes);
            _openingWaits = !bytes.IsEmpty;
        }
    }

    /// <summary>Writes what was appended, gathered or not.</summary>
    public void Flush()
    {
        bool writeNow;
        lock (this)
        {
            _corkedIn = null;
            writeNow = TakeWrite(atOnce: true);
        }

        if (writeNow)
        {
            Write();
        }
    }

    /// <summary>Sends a data frame, waiting for room.</summary>
    /// <param name="frame">The frame. Its payload may be used until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait for room; a send that has begun goes on.</param>
    public ValueTask SendAsync(in OutgoingFrame frame, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken)
        : _compressor is null ? SendAsIsAsync(frame, cancellationToken)
        : SendAsIsAsync(_compressor.CompressAlone(frame, droppable: false), cancellationToken);

    private ValueTask SendAsIsAsync(in OutgoingFrame frame, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool begins;
            bool writeNow;
            long target = 0;
            lock (this)
            {
                if (_closed)
                {
                    return ValueTask.FromException(_connection.ClosedException());
                }

                begins = MayBegin(frame);
                if (begins)
                {
                    var referenced = Append(frame, droppable: false, mayReference: !IsToBeGathered(frame));
                    target = referenced ? _referencesAppended : 0;
                    writeNow = TakeWrite(referenced);
                }
                else
                {
                    // What is only gathered is to be written first: this thread may be the one that would, and wait here for ever.
                    writeNow = TakeWrite(atOnce: true);
                    if (!writeNow)
                    {
                        return WaitForRoom(frame, cancellationToken);
                    }
                }
            }

            if (writeNow)
            {
                Write();
            }

            if (begins)
            {
                return target == 0 ? default : WaitForWrite(target);
            }
        }
    }

    /// <summary>Appends a message if there is room; never waits.</summary>
    /// <param name="frame">The message. Its payload is copied where it is not a prepared one.</param>
    /// <param name="dropOldest">Whether older messages that were sent so give way where there is no room.</param>
    /// <param name="dropped">How many older messages were dropped to make room.</param>
    public TrySendResult TrySend(in OutgoingFrame frame, bool dropOldest, out int dropped) =>
        _compressor is null
            ? TrySendAsIs(frame, dropOldest, out dropped)
            : TrySendAsIs(_compressor.CompressAlone(frame, dropOldest), dropOldest, out dropped);

    private TrySendResult TrySendAsIs(in OutgoingFrame frame, bool dropOldest, out int dropped)
    {
        while (true)
        {
            TrySendResult? result;
            bool writeNow;
            lock (this)
            {
                result = TryAppend(frame, dropOldest, out dropped, out writeNow);
            }

            if (writeNow)
            {
                Write();
            }

            if (result is not null)
            {
                return result.Value;
            }
        }
    }

    /// <summary>
    /// Claims the right to send a message in fragments: other messages wait until <see cref="CloseMessage"/> (RFC 6455 §5.4 forbids
    /// interleaving), control frames do not.
    /// </summary>
    /// <returns>False where another message is open.</returns>
    public bool OpenMessage()
    {
        lock (this)
        {
            return !_messageOpen && (_messageOpen = true);
        }
    }

    /// <summary>Gives that right back: what was held meanwhile goes out.</summary>
    public void CloseMessage()
    {
        bool writeNow;
        lock (this)
        {
            _messageOpen = false;
            _compressor?.OnMessageClosed();
            if (_backlog is { } backlog)
            {
                _pending.Append(ref backlog.Held);
                AdmitWaiting(backlog);
            }

            writeNow = TakeWrite(atOnce: false);
        }

        if (writeNow)
        {
            Write();
        }
    }

    /// <summary>Sends a ping or pong; never waits. Pongs to a peer that does not read are coalesced into the newest.</summary>
    /// <param name="opcode">Ping or pong.</param>
    /// <param name="payload">At most 125 bytes; copied.</param>
    /// <returns>False where the connection is closing.</returns>
    public bool SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        bool writeNow;
        lock (this)
        {
            if (_closed)
            {
                return false;
            }

            if (_pendingControlBytes > MostControlBytes)
            {
                if (opcode == Opcode.Pong)
                {
                    (_backlog ??= new()).LatestPong = payload.ToArray();
                }

                return true;
            }

            // A pong that was kept is older than this one: it must not follow it.
            if (opcode == Opcode.Pong && _backlog is { } backlog)
            {
                backlog.LatestPong = null;
            }

            AppendControl(opcode, payload);
            writeNow = TakeWrite(atOnce: false);
        }

        if (writeNow)
        {
            Write();
        }

        return true;
    }

    /// <summary>Sends the close frame behind everything that was sent before; nothing can be sent after it (RFC 6455 §5.5.1).</summary>
    /// <param name="status">A status that may be sent, or 1005 for none.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="discardWaiting">Whether what has not begun to be written is discarded: for a peer that does not read.</param>
    /// <returns>False where one was sent before, or the transport has failed.</returns>
    public bool SendClose(WebSocketCloseStatus status, string reason, bool discardWaiting)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        var length = ClosePayload.Write(payload, status, reason);
        bool writeNow;
        lock (this)
        {
            if (_closed)
            {
                return false;
            }

            // A handshake's answer that is not written yet is not for discarding: what follows would not be understood.
            if (discardWaiting && !_openingWaits)
            {
                _pending.Release(_encoder.Pool);
                _pendingControlBytes = 0;
            }

            _closed = true;
            AppendControl(Opcode.Close, payload[..length]);
            _backlog?.Forget(_encoder.Pool, _connection, LastKept);
            writeNow = TakeWrite(atOnce: false);
        }

        if (writeNow)
        {
            Write();
        }

        return true;
    }

    /// <summary>Ends the sender: what waits is discarded, waiting sends fail.</summary>
    public void End()
    {
        lock (this)
        {
            _closed = true;
            _ended = true;
            _pending.Release(_encoder.Pool);
            _compressor?.Forget();
            _backlog?.Forget(_encoder.Pool, _connection, LastKept);
            if (!_writing)
            {
                _backlog?.Drained?.TrySetResult();
            }
        }
    }

    /// <summary>Completes when everything is written, or never will be.</summary>
    public Task DrainAsync()
    {
        lock (this)
        {
            if (!_writing && (_pending.IsEmpty || _ended))
            {
                return Task.CompletedTask;
            }

            var drained = (_backlog ??= new()).Drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return drained.Task;
        }
    }

    /// <summary>Writes what was gathered by a <see cref="Cork"/>, if anything was. For the thread that gathers, or that is told by it.</summary>
    public void FlushCorked()
    {
        if (Volatile.Read(ref _corkedIn) is not null)
        {
            Flush();
        }
    }

    void IThreadPoolWorkItem.Execute() => FlushCorked();

    // ---- Under the gate.

    // What counts against the bound. What is held until an open message ends does not count for that message, or neither would end.
    private long Outstanding(bool ofOpenMessage) => _pending.Cost + _inFlight.Cost + (ofOpenMessage ? 0 : _backlog?.Held.Cost ?? 0);

    private bool SomebodyWaitsForRoom => _backlog?.WaitingForRoom.Count > 0;

    // Payloads up to this one are written, or will be.
    private long LastKept => _referencesWritten + _inFlight.References + _pending.References;

    private bool MayBegin(in OutgoingFrame frame) =>
        HasRoom(frame) && (frame.BelongsToOpenMessage || (!_messageOpen && !SomebodyWaitsForRoom));

    private bool HasRoom(in OutgoingFrame frame)
    {
        var outstanding = Outstanding(frame.BelongsToOpenMessage);
        return outstanding == 0 || outstanding + _encoder.SizeOf(frame) <= _maxOutgoingBytes;
    }

    // Whether a frame that has no room would have some if messages that may be dropped were.
    private bool CanMakeRoom(in OutgoingFrame frame)
    {
        var outstanding = Outstanding(frame.BelongsToOpenMessage);
        var needed = Math.Min(outstanding, outstanding + _encoder.SizeOf(frame) - _maxOutgoingBytes);
        return _pending.DroppableCost(needed) + (_backlog?.Held.DroppableCost(needed) ?? 0) >= needed;
    }

    // Whether even a long payload is copied. While a write is pending it is not: its sender is to wait with it.
    private bool IsToBeGathered(in OutgoingFrame frame) =>
        frame.Payload.Length is > FrameEncoder.LargestCopied and <= LargestGathered
        && !_writing && _connection.HasMoreInput && Cork.Present is not null;

    // Whoever gets true writes what is in flight from here on.
    private bool TakeWrite(bool atOnce)
    {
        if (_writing || _pending.IsEmpty || _ended || (!atOnce && IsCorked()))
        {
            return false;
        }

        _writing = true;
        TakeBatch();
        return true;
    }

    private bool IsCorked()
    {
        if (_pending.Cost >= Math.Min(MostCorkedBytes, _maxOutgoingBytes / 2) || Cork.Present is not { } cork)
        {
            return false;
        }

        if (_corkedIn is null)
        {
            // Before it can be found by whoever flushes.
            _corkedIn = cork;
            if (!cork.TryAdd(this))
            {
                _corkedIn = null;
            }
        }

        // What another thread has gathered is not waited for: this thread's write takes it along.
        return _corkedIn == cork;
    }

    // Null: what is only gathered was not given to the peer yet, and does not tell that the peer is slow. It is to be written first.
    private TrySendResult? TryAppend(in OutgoingFrame frame, bool dropOldest, out int dropped, out bool writeNow)
    {
        dropped = 0;
        writeNow = false;
        if (_closed)
        {
            return TrySendResult.Closed;
        }

        if (!_messageOpen && SomebodyWaitsForRoom)
        {
            return TrySendResult.Full;
        }

        if (!HasRoom(frame))
        {
            writeNow = TakeWrite(atOnce: true);
            if (writeNow)
            {
                return null;
            }

            if (!dropOldest || !CanMakeRoom(frame))
            {
                return TrySendResult.Full;
            }
        }

        // What is held behind an open message is newer than what waits before it.
        while (!HasRoom(frame) && (_pending.DropFirstDroppable(_encoder.Pool) || _backlog?.Held.DropFirstDroppable(_encoder.Pool) == true))
        {
            dropped++;
        }

        Append(frame, dropOldest, mayReference: false);
        writeNow = TakeWrite(atOnce: false);
        return TrySendResult.Accepted;
    }

    // True where the payload is sent from where it lies, so that the send lasts until it is written.
    private bool Append(in OutgoingFrame frame, bool droppable, bool mayReference)
    {
        var isHeld = _messageOpen && !frame.BelongsToOpenMessage;
        ref var chain = ref isHeld ? ref (_backlog ??= new()).Held : ref _pending;
        if (_compressor?.TryCompress(frame, isHeld, droppable, out var compressed, out var isFirst) == true)
        {
            _encoder.Append(ref chain, frame, compressed, isFirst);
            return false;
        }

        if (frame.Prepared is null)
        {
            _encoder.Reserve(ref chain, _copiedInBatch);
        }

        var referenced = _encoder.Append(ref chain, frame, droppable, mayReference, waits: isHeld || _writing);
        _referencesAppended += referenced ? 1 : 0;
        return referenced;
    }

    private void AppendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var before = _pending.Length;
        _encoder.Append(ref _pending, opcode, payload);
        _pendingControlBytes += (int)(_pending.Length - before);
    }

    private ValueTask WaitForRoom(in OutgoingFrame frame, CancellationToken cancellationToken)
    {
        var backlog = _backlog ??= new();
        var waiter = backlog.TakeWaiter();
        waiter.Frame = frame;
        if (frame.BelongsToOpenMessage)
        {
            backlog.WaitingForRoom.AddFirst(waiter.Node);
        }
        else
        {
            backlog.WaitingForRoom.AddLast(waiter.Node);
        }

        var task = waiter.Task;
        if (cancellationToken.CanBeCanceled)
        {
            // Registered under the gate: the callback runs at once where the token is cancelled already, and takes the gate again.
            waiter.Cancellation = cancellationToken.UnsafeRegister(static (state, token) =>
            {
                var (self, waiter) = ((FrameSender, SendWaiter))state!;
                self.CancelWaiter(waiter, token);
            }, (this, waiter));
        }

        return task;
    }

    private void CancelWaiter(SendWaiter waiter, CancellationToken token)
    {
        bool writeNow;
        lock (this)
        {
            if (waiter.Node.List != _backlog!.WaitingForRoom)
            {
                return;
            }

            _backlog.WaitingForRoom.Remove(waiter.Node);
            AdmitWaiting(_backlog);
            writeNow = TakeWrite(atOnce: false);
        }

        waiter.Fail(new OperationCanceledException(token));
        if (writeNow)
        {
            Write();
        }
    }

    private ValueTask WaitForWrite(long target)
    {
        lock (this)
        {
            if (_referencesWritten >= target)
            {
                return default;
            }

            if (_closed && target > LastKept)
            {
                return ValueTask.FromException(_connection.ClosedException());
            }

            var backlog = _backlog ??= new();
            var waiter = backlog.TakeWaiter();
            waiter.Target = target;
            backlog.AwaitWrite(waiter);
            return waiter.Task;
        }
    }

    // Lets those in who wait for room, in their order, as far as there is room.
    private void AdmitWaiting(SendBacklog backlog)
    {
        while (backlog.WaitingForRoom.First is { } first)
        {
            var frame = first.Value.Frame;
            if ((_messageOpen && !frame.BelongsToOpenMessage) || !HasRoom(frame))
            {
                return;
            }

            backlog.WaitingForRoom.RemoveFirst();
            if (Append(frame, droppable: false, mayReference: true))
            {
                first.Value.Target = _referencesAppended;
                backlog.AwaitWrite(first.Value);
            }
            else
            {
                first.Value.Complete();
            }
        }
    }

    private void TakeBatch()
    {
        _openingWaits = false;
        _copiedInBatch = _pending.CountCopied();
        _inFlight.Append(ref _pending);
        _pendingControlBytes = 0;
    }

    // The batch in flight is written. True where there is another, false where nobody is writing any more.
    private bool FinishBatch()
    {
        lock (this)
        {
            _batchesWritten++;
            _referencesWritten += _inFlight.References;
            _inFlight.Release(_encoder.Pool);
            if (_backlog is { } backlog)
            {
                CatchUp(backlog);
            }

            if (_ended || _pending.IsEmpty)
            {
                _writing = false;
                _backlog?.Drained?.TrySetResult();
                return false;
            }

            TakeBatch();
            return true;
        }
    }

    // A batch was written: those who wait for it are told, and those who wait for its room come in.
    private void CatchUp(SendBacklog backlog)
    {
        backlog.TellWritten(_referencesWritten);
        AdmitWaiting(backlog);
        if (!_ended && _pending.IsEmpty && backlog.LatestPong is { } pong)
        {
            backlog.LatestPong = null;
            AppendControl(Opcode.Pong, pong);
        }
    }

    // ---- Outside the gate, by the one writer.

    private void Write()
    {
        for (var writes = 0; writes < MostWritesInARow; writes++)
        {
            if (!TryWrite() || !FinishBatch())
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Write(), this, preferLocal: false);
    }

    // False where the write is pending, or has failed.
    private bool TryWrite()
    {
        try
        {
            var write = _connection.Transport.WriteAsync(_inFlight.AsSequence()).ConfigureAwait(false).GetAwaiter();
            if (!write.IsCompleted)
            {
                AwaitWritten(write);
                return false;
            }

            write.GetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            OnWriteFailed(failure);
            return false;
        }

        return true;
    }

    private void AwaitWritten(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter write)
    {
        SendBacklog backlog;
        lock (this)
        {
            backlog = _backlog ??= new();
        }

        backlog.Write = write;
        write.UnsafeOnCompleted(backlog.OnWritten ??= OnWritten);
    }

    private void OnWritten()
    {
        try
        {
            _backlog!.Write.GetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            OnWriteFailed(failure);
            return;
        }

        if (FinishBatch())
        {
            Write();
        }
    }

    private void OnWriteFailed(Exception failure)
    {
        lock (this)
        {
            // At once, not when the connection has been told: no other send may begin to write meanwhile.
            _inFlight.Release(_encoder.Pool);
            _writing = false;
            _ended = true;
        }

        _connection.OnWriteFailed(failure);
        End();
    }
}
