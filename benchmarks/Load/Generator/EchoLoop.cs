using System.Diagnostics;

namespace RawSocketChat.Load.Generator;

/// <summary>Each connection has always so many messages on their way: whatever comes back is sent anew.</summary>
internal abstract class EchoLoop : TrafficLoop
{
    private readonly Member[] _members;
    private readonly int _depth;

    protected EchoLoop(Func<Epoll, Member[]> open, int depth)
    {
        _members = open(Ready);
        _depth = depth;
    }

    public override void Dispose()
    {
        foreach (var member in _members)
        {
            member.Dispose();
        }

        base.Dispose();
    }

    protected override void Begin(long now)
    {
        foreach (var member in _members)
        {
            Array.Fill(member.SentAt, now);
            OnTheWay += _depth;
            member.Send(_depth, Ready);
        }
    }

    protected override void Handle(int number, bool canRead, bool canWrite)
    {
        var member = _members[number];
        if (canWrite)
        {
            member.GoOn(Ready);
        }

        if (canRead && member.Receive(Buffer) is var received and not -1)
        {
            Read(member, received > 0 ? Buffer.AsSpan(0, received) : throw new InvalidDataException("The server has ended a connection."));
        }
    }

    /// <summary>What the payload of a member's next answer is compared with while it comes; empty for no comparison.</summary>
    protected abstract ReadOnlySpan<byte> Expected(Member member);

    /// <summary>Judges a member's answer that has come.</summary>
    /// <param name="member">Whose it is; it is not counted yet.</param>
    /// <param name="size">The size of its payload on the wire.</param>
    /// <returns>The size of the message.</returns>
    /// <exception cref="InvalidDataException">It is not the answer to what was sent.</exception>
    protected abstract int Judge(Member member, int size);

    private void Read(Member member, ReadOnlySpan<byte> bytes)
    {
        var now = Stopwatch.GetTimestamp();
        var answered = 0;
        while (member.Replies.TryRead(ref bytes, Expected(member), out var size))
        {
            Bytes += Judge(member, size);
            var slot = member.Received++ % _depth;
            Latency.Record(now - member.SentAt[slot]);
            member.SentAt[slot] = now;
            answered++;
        }

        Messages += answered;
        OnTheWay -= answered;
        if (answered > 0 && GoesOn(now))
        {
            OnTheWay += answered;
            member.Send(answered, Ready);
        }
    }
}
