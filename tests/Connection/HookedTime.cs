namespace RawSocketChat.Connection.Tests;

/// <summary>A clock whose timers never fire, and that lets a test do something at the moment when one is made or disposed.</summary>
internal sealed class HookedTime : TimeProvider
{
    public Action? OnceAtCreation { get; set; }

    public Action? OnceAtDisposal { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var hook = OnceAtCreation;
        OnceAtCreation = null;
        hook?.Invoke();
        return new Timer(this);
    }

    private sealed class Timer(HookedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            var hook = time.OnceAtDisposal;
            time.OnceAtDisposal = null;
            hook?.Invoke();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
