using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.Tests;

/// <summary>A clock that stands still until a test moves it, and tells when a timer was set: moving it earlier would miss that timer.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _set = [];
    private readonly List<(TimeSpan Due, int Count, TaskCompletionSource Done)> _waiting = [];

    /// <summary>How many timers were set to that time.</summary>
    public int TimersSet(TimeSpan due)
    {
        lock (_gate)
        {
            return _set.Count(set => set == due);
        }
    }

    /// <summary>Waits until so many timers were set to that time.</summary>
    public Task WaitForTimerAsync(TimeSpan due, int count = 1)
    {
        lock (_gate)
        {
            if (_set.Count(set => set == due) >= count)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((due, count, done));
            return done.Task.Soon();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
        {
            _set.Add(dueTime);
            var count = _set.Count(set => set == dueTime);
            foreach (var (_, _, done) in _waiting.Where(wait => wait.Due == dueTime && wait.Count <= count))
            {
                done.TrySetResult();
            }
        }

        return timer;
    }
}
