using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

/// <summary>Parses an input cut in every way, and asserts that the cuts make no difference.</summary>
internal static class EverySplit
{
    public static ParseOutcome Parse(byte[] input, HandshakeLimits? limits = null)
    {
        limits ??= new HandshakeLimits();
        ParseOutcome whole = InCalls(limits, new ReadOnlySequence<byte>(input));
        for (int i = 0; i <= input.Length; i++)
        {
            ReadOnlyMemory<byte> head = input.AsMemory(0, i);
            ReadOnlyMemory<byte> rest = input.AsMemory(i);
            AssertSame(InCalls(limits, new(head), new(rest)), whole, $"split in two calls at {i}");
            AssertSame(InCalls(limits, Segments.Of(head, rest)), whole, $"split in two segments at {i}");
        }

        AssertSame(InCalls(limits, Segments.OneByteEach(input)), whole, "one byte a segment");
        AssertSame(InCalls(limits, [.. input.Select(b => new ReadOnlySequence<byte>(new[] { b }))]), whole, "one byte a call");
        return whole;
    }

    // One parser given one piece after the other, as a connection gives it what it has received.
    public static ParseOutcome InCalls(HandshakeLimits limits, params ReadOnlySequence<byte>[] pieces)
    {
        var parser = new RequestParser(limits);
        RequestParseStatus status = RequestParseStatus.NeedMoreData;
        int consumed = 0;
        foreach (ReadOnlySequence<byte> piece in pieces)
        {
            var reader = new SequenceReader<byte>(piece);
            RequestParseStatus before = status;
            status = parser.Parse(ref reader);
            consumed += (int)reader.Consumed;
            if (status == RequestParseStatus.NeedMoreData && !reader.End)
            {
                throw new AssertionException("The parser asks for more and has not taken all that there is.");
            }

            if (before != RequestParseStatus.NeedMoreData && (status != before || reader.Consumed != 0))
            {
                throw new AssertionException("The parser went on behind its end.");
            }
        }

        return ParseOutcome.Of(parser, status, consumed);
    }

    private static void AssertSame(ParseOutcome actual, ParseOutcome expected, string how)
    {
        if (!actual.Equals(expected))
        {
            throw new AssertionException($"{how}: {actual}\nwhole: {expected}");
        }
    }
}
