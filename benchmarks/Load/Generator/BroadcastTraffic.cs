using System.Diagnostics;

namespace RawSocketChat.Load.Generator;

/// <summary>
/// One member sends, and every member, itself included, gets it. Always so many messages are on their way; one is there when the last
/// member has it. What is counted is deliveries.
/// </summary>
internal sealed class BroadcastTraffic : TrafficLoop
{
    private readonly Member[] _members;
    private readonly Member _sender;
    private readonly int _payloadSize;
    private readonly int _depth;

    // Of the messages on their way, each at its number modulo the depth: who has not got it yet.
    private readonly int[] _missing;

    public BroadcastTraffic(int port, int connections, int payloadSize, bool isText, int depth)
    {
        _members = Members.Open(port, "/broadcast", connections, payloadSize, isText, depth, Ready);
        _sender = _members[0];
        _payloadSize = payloadSize;
        _depth = depth;
        _missing = new int[depth];
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
        Array.Fill(_missing, _members.Length);
        Array.Fill(_sender.SentAt, now);
        OnTheWay += (long)_depth * _members.Length;
        _sender.Send(_depth, Ready);
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
        var complete = 0;
        while (member.Replies.TryRead(ref bytes, _sender.Tape.Payload(member.Received), out var size))
        {
            if (size != _payloadSize)
            {
                throw new InvalidDataException($"The server has sent on {_payloadSize} bytes as {size}.");
            }

            var slot = member.Received++ % _depth;
            Latency.Record(now - _sender.SentAt[slot]);
            Messages++;
            Bytes += size;
            OnTheWay--;
            if (--_missing[slot] == 0 && GoesOn(now))
            {
                _missing[slot] = _members.Length;
                _sender.SentAt[slot] = now;
                complete++;
            }
        }

        if (complete > 0)
        {
            OnTheWay += (long)complete * _members.Length;
            _sender.Send(complete, Ready);
        }
    }
}
