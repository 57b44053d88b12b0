using System.Diagnostics;

namespace RawSocketChat.LoopGain;

/// <summary>Something that a server's loops do, and how long it takes.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Connections">How many connections it takes.</param>
/// <param name="Run">Does it once; the result is how long the server took.</param>
internal sealed record Load(string Name, int Connections, Func<Members, TimeSpan> Run)
{
    private const int Broadcasts = 32;

    public static IReadOnlyList<Load> All { get; } =
    [
        new("32 broadcasts of 64 B to 1,000 members", 1000, Broadcast),
        new("64 requests at once whose handler computes", 64, Compute),
    ];

    // Until the system has taken everything: members read afterwards, so that they take no time of the server's.
    private static TimeSpan Broadcast(Members members)
    {
        var payload = new byte[64];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Broadcasts; i++)
        {
            members.Server.Broadcast(PreparedMessage.FromBinary(payload));
        }

        // Without taking a processor meanwhile.
        while (!members.Server.Connections.All(static connection => connection.OutgoingBytes == 0))
        {
            Thread.Sleep(1);
        }

        var time = Stopwatch.GetElapsedTime(start);
        members.Receive(Broadcasts * (Members.HeaderSize + payload.Length));
        return time;
    }

    private static TimeSpan Compute(Members members)
    {
        var start = Stopwatch.GetTimestamp();
        members.Send("compute"u8);
        members.Receive(Members.HeaderSize + Members.HashSize);
        return Stopwatch.GetElapsedTime(start);
    }
}
