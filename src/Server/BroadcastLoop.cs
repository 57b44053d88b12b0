using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>Runs a <see cref="PeriodicBroadcast"/> until the server stops.</summary>
internal sealed class BroadcastLoop(WebSocketServer server, PeriodicBroadcast periodic, TimeProvider time, ILogger logger)
{
    /// <summary>The loop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await Task.Delay(NextWait(), time, stopping).ConfigureAwait(false);
                periodic.OnDue(server);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Log.PeriodicBroadcastFailed(logger, failure);
            }
        }
    }

    // A jitter that fails costs the jitter, not the wait: a loop that does not wait would spin.
    private TimeSpan NextWait()
    {
        try
        {
            var share = periodic.NextJitter();
            return share is >= 0 and <= 1
                ? periodic.Interval + (periodic.MaxJitter * share)
                : throw new InvalidOperationException($"{nameof(PeriodicBroadcast.NextJitter)} gave {share}, which is not from 0 to 1.");
        }
        catch (Exception failure)
        {
            Log.PeriodicBroadcastFailed(logger, failure);
            return periodic.Interval;
        }
    }
}
