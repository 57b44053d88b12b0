namespace RawSocketChat.Connection.Tests;

/// <summary>A clock whose timers never fire, and that lets a test do something at the moment when one is made or stopped.</summary>
internal sealed class HookedTime : TimeProvider
{
    public Action? OnceAtCreation { get; set; }

    public Action? OnceAtStop { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var hook = OnceAtCreation;
        OnceAtCreation = null;
        hook?.Invoke();
        return new Timer(this);
    }

    private sealed class Timer(HookedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                Dispose();
            }

            return true;
        }

        public void Dispose()
        {
            var hook = time.OnceAtStop;
            time.OnceAtStop = null;
            hook?.Invoke();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
