using System.Diagnostics;

namespace RawSocketChat.LoopGain;

/// <summary>Something that a server's loops do, and how long it takes.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Connections">How many connections it takes.</param>
/// <param name="Run">Does it once; the result is how long the server took.</param>
internal sealed record Load(string Name, int Connections, Func<Members, TimeSpan> Run)
{
    public static IReadOnlyList<Load> All { get; } =
    [
        new("a broadcast of 16 KiB to 1,000 members, from a handler", 1000, Broadcast),
        new("64 requests at once whose handler computes", 64, Compute),
    ];

    // Until the system has taken everything: members read afterwards, so that they take no time of the server's.
    private static TimeSpan Broadcast(Members members)
    {
        var before = members.Broadcasts;
        var start = Stopwatch.GetTimestamp();
        members.SendFirst("broadcast"u8);

        // Without taking a processor meanwhile.
        while (members.Broadcasts == before || members.Server.Connections.Any(static connection => connection.OutgoingBytes > 0))
        {
            Thread.Sleep(1);
        }

        var time = Stopwatch.GetElapsedTime(start);
        members.Receive(Members.LongHeaderSize + Members.BroadcastSize);
        return time;
    }

    private static TimeSpan Compute(Members members)
    {
        var start = Stopwatch.GetTimestamp();
        members.Send("compute"u8);
        members.Receive(Members.ShortHeaderSize + Members.HashSize);
        return Stopwatch.GetElapsedTime(start);
    }
}
