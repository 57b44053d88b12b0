namespace RawSocketChat.Load.Generator;

/// <summary>
/// An echo of a chat's compressed messages. All answers of the first connection are inflated and compared, which tells a wrong server; of
/// the others the frames and their bytes are counted, so that the generator is not the limit.
/// </summary>
internal sealed class DeflatedEchoTraffic : EchoLoop
{
    private readonly AnswerInflater _first;

    public DeflatedEchoTraffic(int port, int connections, int messageSize, int depth, DeflateTerms terms)
        : this(port, connections, messageSize, depth, terms, new(terms))
    {
    }

    private DeflatedEchoTraffic(int port, int connections, int messageSize, int depth, DeflateTerms terms, AnswerInflater first)
        : base(ready => Open(port, connections, messageSize, depth, terms, first, ready), depth) => _first = first;

    public override void Dispose()
    {
        base.Dispose();
        _first.Dispose();
    }

    protected override ReadOnlySpan<byte> Expected(Member member) => default;

    protected override int Judge(Member member, int size)
    {
        var expected = member.Tape.Payload(member.Received);
        if (member.IsFirst)
        {
            _first.Check(member.Replies.IsCompressed, expected);
        }

        WireBytes += size;
        return expected.Length;
    }

    // The first has a tape of its own, so that it notices what belongs to another; that the others share theirs keeps it in the cache.
    private static Member[] Open(int port, int connections, int messageSize, int depth, DeflateTerms terms, AnswerInflater first, Epoll ready)
    {
        var own = ChatTape.Make(messageSize, terms, depth, seed: 1);
        var shared = ChatTape.Make(messageSize, terms, depth, seed: 2);
        return Members.Open(
            connections,
            () => Upgrade.Open(port, Upgrade.Request("/echo", terms), terms),
            (socket, number) => new(
                socket, number, number == 0 ? own : shared, depth, new(mayBeCompressed: true, number == 0 ? first.Payload : null)),
            ready);
    }
}
