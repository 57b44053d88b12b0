using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace RawSocketChat;

/// <summary>
/// The receiving half of a connection on an epoll loop. A pending read is completed inline on the loop's thread, in the loop's one buffer;
/// a connection whose code keeps what it got while it waits for something else receives into buffers of its own instead.
/// </summary>
/// <remarks>Its lock is itself: nobody else locks it.</remarks>
internal sealed class EpollReader(EpollTransport transport, EpollLoop loop, ArrayPool<byte> pool, bool inline)
    : PipeReader, IInput, IValueTaskSource<ReadResult>
{
    // After so many receives in a row the loop looks at its other connections. A peer whose answers make it send more at once could
    // otherwise be served on and on.
    private const int MostReceivesInARow = 2;

    // Its result is whether the read was cancelled; what was read is looked up when it is asked for.
    private ManualResetValueTaskSourceCore<bool> _pending;
    private byte[]? _buffer;
    private byte[]? _detached;
    private int _start;
    private int _end;

    // The size of buffers of its own. Small fields stand together, or they would be 8 bytes more in each connection.
    private ReceiveSize _size;
    private byte _receivesInARow;
    private bool _isShared;

    // Whose the buffers are: the loop may have another pool.
    private bool _isLoops;
    private bool _detachedIsLoops;
    private bool _keeps = true;
    private bool _examinedAll = true;
    private bool _shown;
    private bool _mayHaveBytes;
    private bool _untilNothingIsLeft;
    private bool _armed;
    private bool _cancelRequested;
    private bool _ended;
    private bool _completed;
    private Exception? _failure;

    /// <summary>The loop that it is on.</summary>
    public EpollLoop Loop => loop;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (this)
        {
            while (true)
            {
                if (_cancelRequested)
                {
                    _cancelRequested = false;
                    return new(Canceled());
                }

                if (HasResult)
                {
                    return new(TakeResult());
                }

                if (!_mayHaveBytes)
                {
                    return Arm();
                }

                // What follows a receive runs where the receive was made: a loop runs its own connections' only. One that was cut has no turns to
                // wait for: its loop may have ended.
                if (!transport.IsClosed && (++_receivesInARow > MostReceivesInARow || (!loop.IsCurrent && EpollLoop.IsAnyCurrent)))
                {
                    loop.Requeue(transport);
                    return Arm();
                }

                // In place of the loop, on whatever thread: nobody else receives while nobody is armed.
                Receive();
            }
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        lock (this)
        {
            if (_cancelRequested)
            {
                _cancelRequested = false;
                result = Canceled();
                return true;
            }

            if (HasResult)
            {
                result = TakeResult();
                return true;
            }

            result = default;
            return false;
        }
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetObject() is null)
        {
            // The empty result of a cancelled read, or of the end.
            return;
        }

        lock (this)
        {
            _shown = false;
            _start = consumed.GetInteger();
            _examinedAll = examined.GetInteger() == _end;
            KeepRest();
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        lock (this)
        {
            if (!_armed)
            {
                _cancelRequested = true;
                return;
            }

            _armed = false;
        }

        // Not inline: whoever cancels must not find itself running the reader's code.
        ThreadPool.UnsafeQueueUserWorkItem(static self => self._pending.SetResult(true), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        lock (this)
        {
            _completed = true;
            ReleaseAll();
            if (!_armed)
            {
                return;
            }

            // A stream over this transport may still wait, for a read that was cancelled above it: it is to end, and to give back what it has.
            _armed = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self._pending.SetResult(false), this, preferLocal: false);
    }

    /// <summary>Leaves the buffer as it is until the end, and goes on in another: somebody may still look at it. Once at most.</summary>
    public void Detach()
    {
        lock (this)
        {
            if (_buffer is null)
            {
                return;
            }

            // At the same offsets: the reader goes on with the positions that it has.
            var copy = pool.Rent(Math.Max(1, _end));
            _buffer.AsSpan(_start, _end - _start).CopyTo(copy.AsSpan(_start));
            (_detached, _detachedIsLoops) = (_buffer, _isLoops);
            (_buffer, _isLoops) = (copy, false);
            _isShared = false;
        }
    }

    /// <summary>There are bytes, or there is the end. On the loop's thread, or on any after the connection was cut.</summary>
    /// <param name="untilNothingIsLeft">Whether from here on a receive that leaves room may have left something behind.</param>
    /// <param name="hasTurnToCome">Whether this will be called again after the others, so that it is not this connection's turn now.</param>
    public void OnReadable(bool untilNothingIsLeft, bool hasTurnToCome)
    {
        lock (this)
        {
            _mayHaveBytes = true;
            _untilNothingIsLeft |= untilNothingIsLeft;
            if (hasTurnToCome)
            {
                return;
            }

            if (_armed)
            {
                // Not where somebody reads elsewhere: what comes all the time would give that one turn after turn.
                _receivesInARow = 0;
            }

            if (!TryReceive())
            {
                return;
            }
        }

        RunReader();
    }

    void IInput.OnRead(Action<object?> continuation, object state) =>
        _pending.OnCompleted(continuation, state, _pending.Version, ValueTaskSourceOnCompletedFlags.None);

    ReadResult IInput.GetRead() => GetPending(_pending.Version);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => GetPending(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    // Under the lock: whether there is something to tell without a receive.
    private bool HasResult => !_examinedAll || _ended || _completed || _failure is not null;

    private static ReadResult Canceled() => new(default, isCanceled: true, isCompleted: false);

    // Runs the reader that waits for what was received, and again as long as that leaves it waiting for what is there.
    private void RunReader()
    {
        if (!inline)
        {
            // A failure as well: the code that is told of it may block.
            ThreadPool.UnsafeQueueUserWorkItem(static self => self._pending.SetResult(false), this, preferLocal: false);
            return;
        }

        while (true)
        {
            _pending.SetResult(false);
            lock (this)
            {
                if (_isShared)
                {
                    // Somebody still looks at it and truly waits for something else: it is this connection's now.
                    _isShared = false;
                    _keeps = true;
                }
                else if (!_shown)
                {
                    _keeps = false;
                }

                if (!TryReceive())
                {
                    return;
                }
            }
        }
    }

    // Under the lock: receives for a reader that waits. False where nobody does, where nothing is there, or where it is others' turn.
    private bool TryReceive()
    {
        while (_armed && _mayHaveBytes && !_completed)
        {
            if (++_receivesInARow > MostReceivesInARow)
            {
                loop.Requeue(transport);
                return false;
            }

            Receive();
            if (HasResult)
            {
                _armed = false;
                _shown = _buffer is not null;
                return true;
            }
        }

        return false;
    }

    // Under the lock.
    private ValueTask<ReadResult> Arm()
    {
        _pending.Reset();
        _armed = true;
        return new(this, _pending.Version);
    }

    private ReadResult GetPending(short version) => _pending.GetResult(version) ? Canceled() : Result();

    // Under the lock.
    private ReadResult TakeResult()
    {
        _shown = _buffer is not null;
        return Result();
    }

    // Under the lock, or where a read has completed: then nothing changes until it is taken.
    private ReadResult Result()
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        ObjectDisposedException.ThrowIf(_completed, typeof(EpollTransport));
        return new(_buffer is null ? default : new ReadOnlySequence<byte>(_buffer, _start, _end - _start), isCanceled: false, _ended);
    }

    // Under the lock: one system call that never waits.
    private void Receive()
    {
        try
        {
            // Before all else: after a cut there is nobody who could catch what renting a buffer may throw.
            transport.ThrowIfClosed();
            PrepareBuffer();

            // Before, not after: what comes meanwhile is told again.
            _mayHaveBytes = false;
            var received = transport.Receive(_buffer.AsSpan(_end));
            if (received < 0)
            {
                KeepRest();
                return;
            }

            // Only a receive that leaves room has taken everything, but it stops before an urgent byte; and of an end that was told there is
            // always a 0 to come.
            _end += received;
            var filled = _end == _buffer!.Length;
            _ended = received == 0;
            _mayHaveBytes = !_ended && (_untilNothingIsLeft || filled);
            _examinedAll = false;
            if (!_isShared)
            {
                _size.Follow(received, filled);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // From here on the failure is all that is shown.
            _failure = failure;
            if (_buffer is not null)
            {
                ReleaseBuffer();
            }
        }
    }

    // What nobody has consumed stays, in a buffer of the connection's own.
    private void KeepRest()
    {
        if (_start == _end)
        {
            ReleaseBuffer();
        }
        else if (_isShared)
        {
            var length = _end - _start;
            var own = pool.Rent(Math.Max(length, ReceiveSizing.Smallest));
            _buffer.AsSpan(_start, length).CopyTo(own);
            ReleaseBuffer();
            (_buffer, _start, _end, _isLoops) = (own, 0, length, false);
        }
    }

    private void PrepareBuffer()
    {
        var length = _end - _start;
        if (!_keeps && length <= ReceiveSizing.Largest && loop.IsCurrent)
        {
            var shared = loop.TakeBuffer();
            if (length > 0)
            {
                _buffer.AsSpan(_start, length).CopyTo(shared);
                ReleaseBuffer();
            }

            (_buffer, _start, _end, _isShared, _isLoops) = (shared, 0, length, true, true);
            return;
        }

        if (_buffer is null)
        {
            (_buffer, _isLoops) = (pool.Rent(_size.Bytes()), false);
            (_start, _end) = (0, 0);
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_buffer.Length - _end < ReceiveSizing.Smallest / 2)
        {
            var larger = pool.Rent(Math.Max(_size.Bytes(), 2 * _buffer.Length));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            Return(_buffer, _isLoops);
            (_buffer, _isLoops) = (larger, false);
        }
    }

    private void ReleaseBuffer()
    {
        if (_isShared)
        {
            loop.ReturnBuffer(_buffer!);
        }
        else
        {
            Return(_buffer!, _isLoops);
        }

        (_buffer, _start, _end, _isShared) = (null, 0, 0, false);
    }

    private void ReleaseAll()
    {
        if (_buffer is not null)
        {
            ReleaseBuffer();
        }

        if (_detached is not null)
        {
            Return(_detached, _detachedIsLoops);
            _detached = null;
        }
    }

    private void Return(byte[] buffer, bool isLoops) => (isLoops ? loop.Pool : pool).Return(buffer);
}
