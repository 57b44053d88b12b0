using System.Diagnostics;

using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Generator;

/// <summary>The loop that every kind of load is: wait for sockets, handle them, until the time is over and nothing is on its way.</summary>
internal abstract class TrafficLoop : ITraffic
{
    private const int WaitMilliseconds = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private long _end;

    /// <summary>Tells which sockets are ready.</summary>
    protected Epoll Ready { get; } = new();

    /// <summary>What was received last; larger than what a socket usually holds.</summary>
    protected byte[] Buffer { get; } = new byte[256 * 1024];

    protected Histogram Latency { get; private set; } = new();

    protected long Messages { get; set; }

    protected long Bytes { get; set; }

    /// <summary>What the payloads of compressed messages were on the wire.</summary>
    protected long WireBytes { get; set; }

    /// <summary>How many messages are on their way.</summary>
    protected long OnTheWay { get; set; }

    public Interval Run(TimeSpan duration, CancellationToken stop)
    {
        (Messages, Bytes, WireBytes, Latency) = (0, 0, 0, new());
        var begin = Stopwatch.GetTimestamp();
        var cpu = CpuClock.OfThisThread();
        _end = begin + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Begin(begin);
        var last = begin;
        while (OnTheWay > 0)
        {
            var count = Ready.Wait(WaitMilliseconds);
            stop.ThrowIfCancellationRequested();
            for (var i = 0; i < count; i++)
            {
                Handle(Ready.Ready(i, out var canRead, out var canWrite), canRead, canWrite);
            }

            if (count > 0)
            {
                last = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(last) > Patience)
            {
                throw new TimeoutException($"The server owes {OnTheWay} answers, and none has come for {Patience.TotalSeconds} s.");
            }
        }

        return new(Messages, Bytes, Stopwatch.GetElapsedTime(begin).TotalSeconds, CpuClock.OfThisThread() - cpu, Latency)
        {
            WireBytes = WireBytes,
        };
    }

    public virtual void Dispose() => Ready.Dispose();

    /// <summary>Whether more is to be sent.</summary>
    protected bool GoesOn(long now) => now < _end;

    /// <summary>Sends the first messages.</summary>
    protected abstract void Begin(long now);

    /// <summary>Handles a socket that is ready.</summary>
    protected abstract void Handle(int number, bool canRead, bool canWrite);
}
