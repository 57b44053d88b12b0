namespace RawSocketChat.Tests;

/// <summary>Waiting for what must come: generous, but never for ever.</summary>
internal static class Waiting
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(Bound);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Bound);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Bound);

    /// <summary>Asks again until the answer is yes, letting others run in between.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var end = Environment.TickCount64 + (long)Bound.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException("What was waited for has not come.");
            }

            await Task.Yield();
        }
    }
}
