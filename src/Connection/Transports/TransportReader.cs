using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace RawSocketChat;

/// <summary>
/// A pipe reader straight over a source of bytes: no second task, no second pipe, one contiguous buffer. It waits without a buffer,
/// rents one when there is data, and completes a pending read inline on the thread that received.
/// </summary>
/// <remarks>Its lock is itself: there is one for each connection, idle or not, and nobody else locks it.</remarks>
/// <param name="pool">Where the buffer is rented.</param>
internal abstract class TransportReader(ArrayPool<byte> pool) : PipeReader, IInput, IValueTaskSource<ReadResult>
{
    // After so many reads in a row that found something at once a thread of the pool is left to others. A peer whose answers make it send more
    // could otherwise be served on and on. Threads of others' have others' rules: a loop's has turns of its own.
    private const int MostReadsInARow = 4;

    // Its result is whether the read was cancelled; what was read is looked up when it is asked for.
    private ManualResetValueTaskSourceCore<bool> _pending;
    private Action? _onCompleted;

    private byte[]? _buffer;
    private byte[]? _detached;
    private int _start;
    private int _end;
    private ReceiveSize _size;
    private bool _examinedAll = true;

    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _operation;
    private Step _step;
    private int _readsInARow;
    private bool _underWay;
    private bool _armed;
    private bool _ready;
    private bool _cancelRequested;
    private bool _ended;
    private bool _completed;
    private Exception? _failure;

    private enum Step
    {
        Wait,
        Receive,
    }

    /// <summary>Whether <see cref="ReceiveAsync"/> waits, with its buffer, where there is nothing to receive.</summary>
    protected abstract bool ReceiveWaits { get; }

    /// <summary>Waits until there is something to receive, without a buffer.</summary>
    protected abstract ValueTask<int> WaitAsync();

    /// <summary>Receives into a buffer; 0 is the end, -1 means that there was nothing after all.</summary>
    protected abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <inheritdoc/>
    public sealed override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (this)
        {
            if (TryTake(out var result))
            {
                return new(result);
            }

            if (_underWay)
            {
                // An earlier read was cancelled and its wait goes on: this read takes it over.
                return Arm();
            }

            _underWay = true;
            if (++_readsInARow > MostReadsInARow && Thread.CurrentThread.IsThreadPoolThread)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static self => self.GoOn(), this, preferLocal: false);
                return Arm();
            }
        }

        if (Advance())
        {
            lock (this)
            {
                _underWay = false;
            }

            return new(TakeResult(canceled: false));
        }

        lock (this)
        {
            if (_ready)
            {
                _ready = false;
                return new(TakeResult(canceled: false));
            }

            if (_cancelRequested)
            {
                // It came while the wait was begun; the wait goes on for the next read.
                _cancelRequested = false;
                return new(TakeResult(canceled: true));
            }

            return Arm();
        }
    }

    /// <inheritdoc/>
    public sealed override bool TryRead(out ReadResult result)
    {
        lock (this)
        {
            return TryTake(out result);
        }
    }

    /// <inheritdoc/>
    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public sealed override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetObject() is null)
        {
            // The empty result of a cancelled read, or of the end.
            return;
        }

        _start = consumed.GetInteger();
        _examinedAll = examined.GetInteger() == _end;
        if (_start == _end)
        {
            ReleaseBuffer();
        }
    }

    /// <inheritdoc/>
    public sealed override void CancelPendingRead()
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

    /// <summary>Leaves the buffer as it is until the end, and goes on in another: somebody may still look at it. Once at most.</summary>
    public void Detach()
    {
        if (_buffer is not null)
        {
            // At the same offsets: the reader goes on with the positions that it has.
            var copy = pool.Rent(Math.Max(1, _end));
            _buffer.AsSpan(_start, _end - _start).CopyTo(copy.AsSpan(_start));
            _detached = _buffer;
            _buffer = copy;
        }
    }

    /// <inheritdoc/>
    public sealed override void Complete(Exception? exception = null)
    {
        lock (this)
        {
            // A receive that is still under way owns the buffer, and gives it back when it ends.
            _completed = true;
            if (!_underWay)
            {
                ReleaseAll();
            }
        }
    }

    void IInput.OnRead(Action<object?> continuation, object state) =>
        _pending.OnCompleted(continuation, state, _pending.Version, ValueTaskSourceOnCompletedFlags.None);

    ReadResult IInput.GetRead() => TakeResult(canceled: _pending.GetResult(_pending.Version));

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => TakeResult(canceled: _pending.GetResult(token));

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    // Under the lock: what can be told without an operation.
    private bool TryTake(out ReadResult result)
    {
        if (_cancelRequested)
        {
            _cancelRequested = false;
            result = TakeResult(canceled: true);
            return true;
        }

        // Ready: a read that was cancelled has been fulfilled since.
        if (_ready || (!_underWay && (!_examinedAll || _ended || _failure is not null)))
        {
            _ready = false;
            result = TakeResult(canceled: false);
            return true;
        }

        result = default;
        return false;
    }

    // Under the lock.
    private ValueTask<ReadResult> Arm()
    {
        _pending.Reset();
        _armed = true;
        return new(this, _pending.Version);
    }

    // Waits and receives until there is something to tell (true) or an operation is pending (false).
    private bool Advance()
    {
        while (true)
        {
            try
            {
                var operation = _step == Step.Wait ? WaitAsync() : ReceiveAsync(PrepareBuffer());
                _operation = operation.ConfigureAwait(false).GetAwaiter();
                if (!_operation.IsCompleted)
                {
                    _operation.UnsafeOnCompleted(_onCompleted ??= OnCompleted);
                    return false;
                }
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                _failure = failure;
                return true;
            }

            if (Finish())
            {
                return true;
            }
        }
    }

    // Takes the result of the operation that has completed; true when there is something to tell.
    private bool Finish()
    {
        int received;
        try
        {
            received = _operation.GetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Any stream may lie below, and any exception is for the reader to see, not for the thread that received.
            _failure = failure;
            return true;
        }

        if (_step == Step.Wait)
        {
            _step = Step.Receive;
            return false;
        }

        if (received < 0)
        {
            _step = Step.Wait;
            if (_start == _end)
            {
                ReleaseBuffer();
            }

            return false;
        }

        _ended = received == 0;
        _end += received;
        _examinedAll = false;

        // Where the buffer was filled there is probably more: waiting first would be a system call too many. But a receive that waits would
        // do so with a buffer.
        var filled = _end == _buffer!.Length;
        _step = filled && !ReceiveWaits ? Step.Receive : Step.Wait;
        _size.Follow(received, filled);
        return true;
    }

    private void OnCompleted()
    {
        if (Finish())
        {
            Fulfill();
        }
        else
        {
            GoOn();
        }
    }

    private void GoOn()
    {
        if (Advance())
        {
            Fulfill();
        }
    }

    // There is something to tell, on a thread that no reader has called from.
    private void Fulfill()
    {
        lock (this)
        {
            _readsInARow = 0;
            _underWay = false;
            if (_completed)
            {
                ReleaseAll();
                return;
            }

            if (!_armed)
            {
                _ready = true;
                return;
            }

            _armed = false;
        }

        _pending.SetResult(false);
    }

    private ReadResult TakeResult(bool canceled)
    {
        if (!canceled && _failure is not null)
        {
            throw _failure;
        }

        // The wait of a cancelled read goes on and may move the buffer: it is shown to nobody until a read takes it over.
        return canceled
            ? new(default, isCanceled: true, isCompleted: false)
            : new(_buffer is null ? default : new ReadOnlySequence<byte>(_buffer, _start, _end - _start), isCanceled: false, _ended);
    }

    private Memory<byte> PrepareBuffer()
    {
        if (_buffer is null)
        {
            _buffer = pool.Rent(_size.Bytes());
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
            pool.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_end);
    }

    private void ReleaseBuffer()
    {
        pool.Return(_buffer!);
        (_buffer, _start, _end) = (null, 0, 0);
    }

    private void ReleaseAll()
    {
        if (_buffer is not null)
        {
            ReleaseBuffer();
        }

        if (_detached is not null)
        {
            pool.Return(_detached);
            _detached = null;
        }
    }
}
