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
                var wait = periodic.Interval + (periodic.MaxJitter * periodic.NextJitter());
                await Task.Delay(wait, time, stopping).ConfigureAwait(false);
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
}
