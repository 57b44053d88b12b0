using System.Diagnostics;

namespace RawSocketChat.Load.Generator;

/// <summary>
/// Connects, upgrades, closes with the closing handshake, and begins again, so many at once. The time that counts is the one until the
/// upgrade is answered.
/// </summary>
internal sealed class HandshakeTraffic(int port, int atOnce) : TrafficLoop
{
    // Status 1000, masked with zeros.
    private static readonly byte[] Close = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8];

    private readonly byte[] _request = Upgrade.Request("/echo");
    private readonly ClientSocket?[] _sockets = new ClientSocket?[atOnce];
    private readonly long[] _startedAt = new long[atOnce];
    private readonly byte[][] _answers = [.. Enumerable.Range(0, atOnce).Select(_ => new byte[4096])];
    private readonly int[] _filled = new int[atOnce];
    private readonly bool[] _isUpgraded = new bool[atOnce];

    public override void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket?.Dispose();
        }

        base.Dispose();
    }

    protected override void Begin(long now)
    {
        for (var i = 0; i < atOnce; i++)
        {
            Start(i);
        }
    }

    protected override void Handle(int number, bool canRead, bool canWrite)
    {
        var socket = _sockets[number]!;
        var received = socket.Receive(_answers[number].AsSpan(_filled[number]));
        if (received > 0)
        {
            _filled[number] += received;
            if (!_isUpgraded[number])
            {
                Answer(number, socket);
            }
        }
        else if (received == 0)
        {
            End(number);
        }
    }

    private void Start(int number)
    {
        _startedAt[number] = Stopwatch.GetTimestamp();
        (_filled[number], _isUpgraded[number]) = (0, false);
        var socket = new ClientSocket(port);
        _sockets[number] = socket;
        socket.Send(_request);
        Ready.Watch(socket.Descriptor, number);
        OnTheWay++;
    }

    private void Answer(int number, ClientSocket socket)
    {
        var size = Upgrade.AnswerSize(_answers[number].AsSpan(0, _filled[number]));
        if (size > 0)
        {
            Latency.Record(Stopwatch.GetTimestamp() - _startedAt[number]);
            _isUpgraded[number] = true;
            _filled[number] = 0;
            socket.Send(Close);
        }
    }

    // The server has ended the connection: whole, if its close frame came before.
    private void End(int number)
    {
        if (!_isUpgraded[number] || _filled[number] < 2 || _answers[number][0] != Close[0])
        {
            throw new InvalidDataException("The server has ended a connection without the closing handshake.");
        }

        _sockets[number]!.Dispose();
        _sockets[number] = null;
        OnTheWay--;
        Messages++;
        if (GoesOn(Stopwatch.GetTimestamp()))
        {
            Start(number);
        }
    }
}
