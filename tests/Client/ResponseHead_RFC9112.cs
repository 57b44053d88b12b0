using System.Buffers;
using System.Text;

using RawSocketChat.Handshake;
using RawSocketChat.Opening;

namespace RawSocketChat.Client.Tests;

/// <summary>The head of an answer is the same answer wherever its bytes are cut.</summary>
internal sealed class ResponseHead_RFC9112
{
    public static IEnumerable<TestCaseData> Heads()
    {
        yield return Case("a 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "101 Upgrade=websocket Connection=Upgrade | tail");
        yield return Case("no field", "HTTP/1.0 502 \r\n\r\n", "502 | tail");
        yield return Case("white space around values", "HTTP/1.1 200 OK\r\na: \t b c \t\r\nd:\r\n\r\n", "200 a=b c d= | tail");
        yield return Case("a value beyond ASCII", "HTTP/1.1 200 \u00fc\r\na: \u00e9\r\n\r\n", "200 a=\u00e9 | tail");
        yield return Case("an interim answer", "HTTP/1.1 100 Continue\r\n\r\n", "100 | tail");
        yield return Case("LF alone", "HTTP/1.1 200 OK\nA: b\r\n\r\n", "MalformedResponse");
        yield return Case("CR alone", "HTTP/1.1 200 OK\rA: b\r\n\r\n", "MalformedResponse");
        yield return Case("an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", "MalformedResponse");
        yield return Case("a name that is none", "HTTP/1.1 200 OK\r\na(b): c\r\n\r\n", "MalformedResponse");
        yield return Case("no name", "HTTP/1.1 200 OK\r\n: c\r\n\r\n", "MalformedResponse");
        yield return Case("a field too many", "HTTP/1.1 200 OK\r\na: b\r\na: b\r\na: b\r\na: b\r\n\r\n", "HeadTooLarge");
        yield return Case("a line too long", "HTTP/1.1 200 OK\r\na: " + new string('x', 61) + "\r\n\r\n", "HeadTooLarge");
        yield return Case("a head too large", "HTTP/1.1 200 OK\r\na: " + new string('x', 58) + "\r\na: " + new string('x', 58) + "\r\n\r\n", "HeadTooLarge");
        yield return Case("not whole", "HTTP/1.1 200 OK\r\na: b\r\n", "more");
    }

    [TestCaseSource(nameof(Heads))]
    public void It_is_read_the_same_at_every_split(string head, string outcome)
    {
        var bytes = Encoding.Latin1.GetBytes(head + "tail");
        var wanted = outcome == "more" ? head.Length : bytes.Length;
        bytes = bytes[..wanted];

        for (var split = 0; split <= bytes.Length; split++)
        {
            Read(bytes[..split], bytes[split..]).Should().Be(outcome, "split at {0}", split);
        }

        Read([.. bytes.Select(one => new[] { one })]).Should().Be(outcome, "byte by byte");
    }

    // Pieces as a transport hands them over: what a parser leaves is there again, with what comes next.
    private static string Read(params byte[][] pieces)
    {
        var parser = new ResponseHeadParser(new HandshakeLimits { MaxHeaderCount = 3, MaxLineLength = 64, MaxTotalSize = 128 });
        for (var i = 0; i < pieces.Length; i++)
        {
            var reader = new SequenceReader<byte>(new(pieces[i]));
            try
            {
                if (parser.Parse(ref reader) is { } head)
                {
                    var rest = Encoding.Latin1.GetString([.. reader.UnreadSequence.ToArray(), .. pieces[(i + 1)..].SelectMany(piece => piece)]);
                    return string.Concat(
                        $"{head.StatusCode} ", string.Concat(head.Headers.Select(field => $"{field.Key}={field.Value} ")), $"| {rest}");
                }
            }
            catch (WebSocketHandshakeException failure)
            {
                return failure.Fault.ToString();
            }

            reader.End.Should().BeTrue("all of it was taken");
        }

        return "more";
    }

    private static TestCaseData Case(string name, string head, string outcome) => new TestCaseData(head, outcome).SetArgDisplayNames(name);
}
