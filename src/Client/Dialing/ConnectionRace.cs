using System.Net;
using System.Net.Sockets;

namespace RawSocketChat.Dialing;

/// <summary>
/// Tries a host's addresses, both families in turn, without waiting for a dead one: each attempt gets a head start, and the first that
/// succeeds wins (RFC 8305 §4, §5).
/// </summary>
internal static class ConnectionRace
{
    /// <summary>RFC 8305 §5: "One recommended value for a default delay is 250 milliseconds."</summary>
    public static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    /// <summary>The addresses in the order in which they are tried: the system's, with the families taking turns.</summary>
    public static IReadOnlyList<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        // RFC 8305 §4: "the client SHOULD modify the ordered list to interleave address families."
        var first = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily));
        var second = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily));
        var order = new List<IPAddress>(addresses.Count);
        while (first.Count + second.Count > 0)
        {
            if (first.TryDequeue(out var address))
            {
                order.Add(address);
            }

            if (second.TryDequeue(out address))
            {
                order.Add(address);
            }
        }

        return order;
    }

    /// <summary>Dials until one attempt has succeeded or all have failed. Those that lose are cancelled, and what they still bring is closed.</summary>
    /// <param name="addresses">At least one, in the order of the attempts.</param>
    /// <param name="dial">One attempt.</param>
    /// <param name="time">The clock of the head starts.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <returns>What the winner has brought.</returns>
    /// <exception cref="SocketException">All have failed; the first failure is told.</exception>
    public static async Task<T> RunAsync<T>(
        IReadOnlyList<IPAddress> addresses,
        Func<IPAddress, CancellationToken, Task<T>> dial,
        TimeProvider time,
        CancellationToken cancellationToken)
        where T : IDisposable
    {
        using var attempts = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<T>>();
        Exception? failure = null;
        var next = 0;
        try
        {
            while (next < addresses.Count || running.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (next < addresses.Count)
                {
                    running.Add(dial(addresses[next++], attempts.Token));
                }

                var ended = await WaitAsync(running, next < addresses.Count ? HeadStart : Timeout.InfiniteTimeSpan, time, cancellationToken)
                    .ConfigureAwait(false);
                if (ended is null)
                {
                    continue;
                }

                // RFC 8305 §5: an attempt that has failed gives way to the next one at once.
                running.Remove(ended);
                try
                {
                    return await ended.ConfigureAwait(false);
                }
                catch (SocketException failed)
                {
                    failure ??= failed;
                }
            }
        }
        finally
        {
            await attempts.CancelAsync().ConfigureAwait(false);
            foreach (var loser in running)
            {
                _ = DropAsync(loser);
            }
        }

        throw failure!;
    }

    // The attempt that has ended, or null when the head start is over.
    private static async Task<Task<T>?> WaitAsync<T>(List<Task<T>> running, TimeSpan headStart, TimeProvider time, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var over = Task.Delay(headStart, time, wait.Token);
        var ended = await Task.WhenAny([.. running, over]).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        return ended as Task<T>;
    }

    private static async Task DropAsync<T>(Task<T> loser)
        where T : IDisposable
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
        }
        catch (Exception gone) when (gone is not OutOfMemoryException)
        {
            // Cancelled, as it should be, or failed by itself.
        }
    }
}
