using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

/// <summary>Parses an input cut in every way, and asserts that the cuts make no difference.</summary>
internal static class EverySplit
{
    public static ParseOutcome Parse(byte[] input, HandshakeLimits? limits = null) =>
        Same(input, pieces => InCalls(limits ?? new HandshakeLimits(), pieces));

    public static ResponseOutcome ParseResponse(byte[] input, HandshakeLimits? limits = null) =>
        Same(input, pieces => ResponseInCalls(limits ?? new HandshakeLimits(), pieces));

    // One parser given one piece after the other, as a connection gives it what it has received.
    public static ParseOutcome InCalls(HandshakeLimits limits, params ReadOnlySequence<byte>[] pieces)
    {
        var parser = new RequestParser(limits);
        (RequestParseStatus status, int consumed) = Feed(pieces, parser.Parse, RequestParseStatus.NeedMoreData);
        return ParseOutcome.Of(parser, status, consumed);
    }

    public static ResponseOutcome ResponseInCalls(HandshakeLimits limits, params ReadOnlySequence<byte>[] pieces)
    {
        var parser = new ResponseParser(limits);
        (ResponseParseStatus status, int consumed) = Feed(pieces, parser.Parse, ResponseParseStatus.NeedMoreData);
        return ResponseOutcome.Of(parser, status, consumed);
    }

    private delegate TStatus Parser<TStatus>(ref SequenceReader<byte> reader);

    private static (TStatus Status, int Consumed) Feed<TStatus>(ReadOnlySequence<byte>[] pieces, Parser<TStatus> parse, TStatus needMore)
        where TStatus : struct, Enum
    {
        TStatus status = needMore;
        int consumed = 0;
        foreach (ReadOnlySequence<byte> piece in pieces)
        {
            var reader = new SequenceReader<byte>(piece);
            TStatus before = status;
            status = parse(ref reader);
            consumed += (int)reader.Consumed;
            if (status.Equals(needMore) && !reader.End)
            {
                throw new AssertionException("The parser asks for more and has not taken all that there is.");
            }

            if (!before.Equals(needMore) && (!status.Equals(before) || reader.Consumed != 0))
            {
                throw new AssertionException("The parser went on behind its end.");
            }
        }

        return (status, consumed);
    }

    private static TOutcome Same<TOutcome>(byte[] input, Func<ReadOnlySequence<byte>[], TOutcome> parse)
        where TOutcome : class
    {
        TOutcome whole = parse([new(input)]);
        for (int i = 0; i <= input.Length; i++)
        {
            ReadOnlyMemory<byte> head = input.AsMemory(0, i);
            ReadOnlyMemory<byte> rest = input.AsMemory(i);
            AssertSame(parse([new(head), new(rest)]), whole, $"split in two calls at {i}");
            AssertSame(parse([Segments.Of(head, rest)]), whole, $"split in two segments at {i}");
        }

        AssertSame(parse([Segments.OneByteEach(input)]), whole, "one byte a segment");
        AssertSame(parse([.. input.Select(b => new ReadOnlySequence<byte>(new[] { b }))]), whole, "one byte a call");
        return whole;
    }

    private static void AssertSame<TOutcome>(TOutcome actual, TOutcome expected, string how)
        where TOutcome : class
    {
        if (!actual.Equals(expected))
        {
            throw new AssertionException($"{how}: {actual}\nwhole: {expected}");
        }
    }
}
