namespace RawSocketChat.Dialing;

/// <summary>For work that does not look at its token: it is waited for no longer, and what it still brings is dropped.</summary>
internal static class LeftBehind
{
    public static async Task<T> OrLeaveBehindAsync<T>(
        this Task<T> task, CancellationToken cancellationToken, Func<T, ValueTask>? drop = null)
    {
        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = DropAsync(task, drop);
            throw;
        }
    }

    private static async Task DropAsync<T>(Task<T> task, Func<T, ValueTask>? drop)
    {
        try
        {
            var late = await task.ConfigureAwait(false);
            if (drop is not null && late is not null)
            {
                await drop(late).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Nobody waits for it any more.
        }
    }
}
