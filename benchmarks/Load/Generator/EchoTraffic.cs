using System.Diagnostics;

namespace RawSocketChat.Load.Generator;

/// <summary>Each connection has always so many messages on their way: whatever comes back is sent anew.</summary>
internal sealed class EchoTraffic : TrafficLoop
{
    // Of large payloads one in so many is compared: comparing all would cost more than receiving them.
    private const int LargePayload = 4096;
    private const int LargeSampling = 16;

    private readonly Member[] _members;
    private readonly int _payloadSize;
    private readonly int _depth;
    private readonly int _sampling;

    public EchoTraffic(int port, int connections, int payloadSize, bool isText, int depth)
    {
        _members = Members.Open(port, "/echo", connections, payloadSize, isText, depth, Ready);
        _payloadSize = payloadSize;
        _depth = depth;
        _sampling = payloadSize < LargePayload ? 1 : LargeSampling;
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

    private void Read(Member member, ReadOnlySpan<byte> bytes)
    {
        var now = Stopwatch.GetTimestamp();
        var answered = 0;
        while (member.Replies.TryRead(ref bytes, Expected(member), out var size))
        {
            if (size != _payloadSize)
            {
                throw new InvalidDataException($"The server has answered {_payloadSize} bytes with {size}.");
            }

            var slot = member.Received++ % _depth;
            Latency.Record(now - member.SentAt[slot]);
            member.SentAt[slot] = now;
            answered++;
        }

        Messages += answered;
        Bytes += (long)answered * _payloadSize;
        OnTheWay -= answered;
        if (answered > 0 && GoesOn(now))
        {
            OnTheWay += answered;
            member.Send(answered, Ready);
        }
    }

    private ReadOnlySpan<byte> Expected(Member member) =>
        member.Received % _sampling == 0 ? member.Tape.Payload((int)(member.Received % member.Tape.Period)) : default;
}
