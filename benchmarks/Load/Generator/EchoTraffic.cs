namespace RawSocketChat.Load.Generator;

/// <summary>An echo of messages that are not compressed, all of one size.</summary>
internal sealed class EchoTraffic(int port, int connections, int payloadSize, bool isText, int depth)
    : EchoLoop(ready => Members.Open(port, "/echo", connections, payloadSize, isText, depth, ready), depth)
{
    // Of large payloads one in so many is compared: comparing all would cost more than receiving them.
    private const int LargePayload = 4096;
    private const int LargeSampling = 16;

    private readonly int _sampling = payloadSize < LargePayload ? 1 : LargeSampling;

    protected override ReadOnlySpan<byte> Expected(Member member) =>
        member.Received % _sampling == 0 ? member.Tape.Payload(member.Received) : default;

    protected override int Judge(Member member, int size) =>
        size == payloadSize ? size : throw new InvalidDataException($"The server has answered {payloadSize} bytes with {size}.");
}
