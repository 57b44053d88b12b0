using System.Runtime.CompilerServices;

namespace RawSocketChat;

/// <summary>
/// The deadlines of all connections that have the same clock, behind one timer: a timer of its own for each connection would be a
/// seventh of what an idle one holds. Thread-safe.
/// </summary>
internal sealed class DeadlineQueue
{
    /// <summary>The index of a deadline that is in no queue.</summary>
    public const int Absent = -1;

    private const int Removed = -2;

    private static readonly ConditionalWeakTable<TimeProvider, DeadlineQueue> Queues = [];

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // A binary heap: each deadline is due no earlier than the one at half its index.
    private Deadline?[] _heap = new Deadline?[16];
    private int _count;

    private DeadlineQueue(TimeProvider time)
    {
        _time = time;

        // The timer outlives whoever happens to make it: nothing of its context is to flow into the callbacks.
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow)
        {
            _timer = time.CreateTimer(
                static queue => ((DeadlineQueue)queue!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The queue of a clock.</summary>
    public static DeadlineQueue Of(TimeProvider time) => Queues.GetValue(time, static time => new(time));

    /// <summary>Makes a deadline due so much later than now, whenever it was due before. One that was removed stays so.</summary>
    /// <param name="deadline">The deadline.</param>
    /// <param name="wait">How long; not negative.</param>
    public void Set(Deadline deadline, TimeSpan wait)
    {
        lock (_gate)
        {
            if (deadline.Index == Removed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            deadline.DueAt = now + (long)Math.Ceiling(wait.TotalSeconds * _time.TimestampFrequency);
            if (deadline.Index < 0)
            {
                if (_count == _heap.Length)
                {
                    Array.Resize(ref _heap, 2 * _count);
                }

                deadline.Index = _count;
                _heap[_count++] = deadline;
            }

            Settle(deadline);
            if (deadline.Index == 0)
            {
                Arm(now);
            }
        }
    }

    /// <summary>Takes a deadline out for good.</summary>
    public void Remove(Deadline deadline)
    {
        lock (_gate)
        {
            if (deadline.Index >= 0)
            {
                TakeOut(deadline);
                if (_count == 0)
                {
                    _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }

            deadline.Index = Removed;
        }
    }

    private void OnTimer()
    {
        while (TakeDue() is { } due)
        {
            due.OnDue();
        }
    }

    private Deadline? TakeDue()
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return null;
            }

            var first = _heap[0]!;
            var now = _time.GetTimestamp();
            if (first.DueAt > now)
            {
                Arm(now);
                return null;
            }

            TakeOut(first);
            return first;
        }
    }

    // ---- Under the gate.

    private void TakeOut(Deadline deadline)
    {
        var last = _heap[--_count]!;
        _heap[_count] = null;
        if (last != deadline)
        {
            last.Index = deadline.Index;
            _heap[last.Index] = last;
            Settle(last);
        }

        deadline.Index = Absent;
    }

    // Moves a deadline to where it belongs, from where it is.
    private void Settle(Deadline deadline)
    {
        while (deadline.Index > 0 && _heap[(deadline.Index - 1) / 2] is { } parent && parent.DueAt > deadline.DueAt)
        {
            Swap(parent, deadline);
        }

        while (EarlierChild(deadline.Index) is { } child && child.DueAt < deadline.DueAt)
        {
            Swap(deadline, child);
        }
    }

    private Deadline? EarlierChild(int index)
    {
        var left = (2 * index) + 1;
        if (left >= _count)
        {
            return null;
        }

        var right = left + 1;
        return right < _count && _heap[right]!.DueAt < _heap[left]!.DueAt ? _heap[right] : _heap[left];
    }

    private void Swap(Deadline upper, Deadline lower)
    {
        (upper.Index, lower.Index) = (lower.Index, upper.Index);
        _heap[upper.Index] = upper;
        _heap[lower.Index] = lower;
    }

    // Rounded up to what a timer counts in, so that it is never due too early to act.
    private void Arm(long now)
    {
        var wait = Math.Max(0, _heap[0]!.DueAt - now) * 1000.0 / _time.TimestampFrequency;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait)), Timeout.InfiniteTimeSpan);
    }
}
