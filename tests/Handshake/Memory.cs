using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>
/// What a peer can make the parser hold and do. Work is told by what is consumed: a byte that is consumed is gone from
/// the input, so none is looked at a second time there; and what is allocated grows with what is consumed.
/// </summary>
internal sealed class Memory
{
    private const int Megabyte = 1 << 20;

    // Beside the buffer: the parser, its arrays' headers, the refusal.
    private const int Overhead = 2048;

    private static readonly HandshakeLimits Wide = new() { MaxLineLength = Megabyte, MaxTotalSize = 1 << 24, MaxHeaderCount = 10_000 };

    [Test]
    public void A_header_of_a_megabyte_is_refused_within_the_limits()
    {
        byte[] input = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', Megabyte));
        var limits = new HandshakeLimits();

        (ParseOutcome outcome, long allocated) = Measure(limits, input, input.Length);

        outcome.Refusal.StatusCode.Should().Be(431);
        outcome.Consumed.Should().Be("GET / HTTP/1.1\r\nHost: a\r\n".Length + limits.MaxLineLength);
        allocated.Should().BeLessThan((2 * limits.MaxTotalSize) + Overhead);
    }

    [Test]
    public void A_request_line_of_a_megabyte_is_refused_within_the_limits()
    {
        byte[] input = Encoding.ASCII.GetBytes("GET /" + new string('a', Megabyte));
        var limits = new HandshakeLimits();

        (ParseOutcome outcome, long allocated) = Measure(limits, input, input.Length);

        outcome.Refusal.StatusCode.Should().Be(414);
        outcome.Consumed.Should().Be(limits.MaxLineLength);
        allocated.Should().BeLessThan((2 * limits.MaxTotalSize) + Overhead);
    }

    [Test]
    public void A_hundred_thousand_headers_are_refused_within_the_limits()
    {
        byte[] input = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("X:\r\n", 100_000)));
        var limits = new HandshakeLimits();

        (ParseOutcome outcome, long allocated) = Measure(limits, input, input.Length);

        outcome.Refusal.StatusCode.Should().Be(431);
        outcome.Consumed.Should().Be("GET / HTTP/1.1\r\n".Length + (4 * limits.MaxHeaderCount));
        allocated.Should().BeLessThan(2 * limits.MaxTotalSize);
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(4096)]
    public void Twice_the_head_is_twice_the_memory_and_not_more(int pieceLength)
    {
        byte[] once = LargeHead(64 * 1024);
        byte[] twice = LargeHead(128 * 1024);

        (ParseOutcome first, long forOnce) = Measure(Wide, once, pieceLength);
        (ParseOutcome second, long forTwice) = Measure(Wide, twice, pieceLength);

        (first.Status, second.Status).Should().Be((RequestParseStatus.Done, RequestParseStatus.Done));
        first.Consumed.Should().Be(once.Length);
        second.Consumed.Should().Be(twice.Length);
        ((double)forTwice / forOnce).Should().BeLessThan(2.5);
        forTwice.Should().BeLessThan(8 * twice.Length);
    }

    [Test]
    public void One_byte_costs_the_smallest_buffer_alone()
    {
        (_, long allocated) = Measure(new HandshakeLimits(), "G"u8.ToArray(), 1);

        allocated.Should().BeLessThan(1024);
    }

    [Test]
    public void Bytes_behind_the_head_cost_nothing()
    {
        byte[] head = UpgradeText.Valid.ToBytes();
        byte[] withTail = [.. head, .. new byte[Megabyte]];

        (_, long alone) = Measure(new HandshakeLimits(), head, Megabyte * 2);
        (ParseOutcome outcome, long allocated) = Measure(new HandshakeLimits(), withTail, Megabyte * 2);

        outcome.Consumed.Should().Be(head.Length);
        allocated.Should().Be(alone);
    }

    [Test]
    public void A_whole_handshake_stays_within_its_budget()
    {
        byte[] head = UpgradeText.Valid.With("Origin: http://server.example.com", "User-Agent: x", "Cookie: a=b").ToBytes();
        var limits = new HandshakeLimits();
        var policy = new UpgradePolicy { SubProtocols = ["chat"] };
        var output = new ArrayBufferWriter<byte>(1024);
        Handshake();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Handshake();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        TestContext.Out.WriteLine($"{allocated} bytes for a head of {head.Length}");
        allocated.Should().BeLessThan(2048);

        void Handshake()
        {
            output.ResetWrittenCount();
            var parser = new RequestParser(limits);
            var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(head));
            parser.Parse(ref reader);
            UpgradeNegotiator.TryAccept(parser.Request, policy, isSecure: false, out UpgradeAcceptance acceptance, out _);
            ResponseWriter.WriteSwitchingProtocols(output, acceptance.Accept, acceptance.SubProtocol);
        }
    }

    [TestCase("HTTP/1.1 101 X\r\nX: ")]
    [TestCase("HTTP/1.1 101 ")]
    public void A_line_of_a_megabyte_in_a_response_is_refused_within_the_limits(string start)
    {
        byte[] input = Encoding.ASCII.GetBytes(start + new string('a', Megabyte));
        var limits = new HandshakeLimits();

        (ResponseOutcome outcome, long allocated) = MeasureResponse(limits, input, input.Length);

        outcome.Violation.Rule.Should().Be(HandshakeRule.HeadSize);
        outcome.Consumed.Should().Be(start.LastIndexOf('\n') + 1 + limits.MaxLineLength);
        allocated.Should().BeLessThan((2 * limits.MaxTotalSize) + Overhead);
    }

    [Test]
    public void A_hundred_thousand_headers_of_a_response_are_refused_within_the_limits()
    {
        byte[] input = Encoding.ASCII.GetBytes("HTTP/1.1 101\r\n" + string.Concat(Enumerable.Repeat("X:\r\n", 100_000)));
        var limits = new HandshakeLimits();

        (ResponseOutcome outcome, long allocated) = MeasureResponse(limits, input, input.Length);

        outcome.Violation.Rule.Should().Be(HandshakeRule.HeadSize);
        outcome.Consumed.Should().Be("HTTP/1.1 101\r\n".Length + (4 * limits.MaxHeaderCount));
        allocated.Should().BeLessThan(2 * limits.MaxTotalSize);
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(4096)]
    public void Twice_the_response_is_twice_the_memory_and_not_more(int pieceLength)
    {
        byte[] once = LargeHead(64 * 1024, "HTTP/1.1 101\r\n");
        byte[] twice = LargeHead(128 * 1024, "HTTP/1.1 101\r\n");

        (ResponseOutcome first, long forOnce) = MeasureResponse(Wide, once, pieceLength);
        (ResponseOutcome second, long forTwice) = MeasureResponse(Wide, twice, pieceLength);

        (first.Status, second.Status).Should().Be((ResponseParseStatus.Done, ResponseParseStatus.Done));
        (first.Consumed, second.Consumed).Should().Be((once.Length, twice.Length));
        ((double)forTwice / forOnce).Should().BeLessThan(2.5);
        forTwice.Should().BeLessThan(8 * twice.Length);
    }

    [Test]
    public void One_byte_of_a_response_costs_the_parser_alone()
    {
        (_, long allocated) = MeasureResponse(new HandshakeLimits(), "H"u8.ToArray(), 1);

        allocated.Should().BeLessThan(512);
    }

    [Test]
    public void Bytes_behind_a_response_cost_nothing()
    {
        byte[] head = UpgradeText.Answer.ToBytes();
        byte[] withTail = [.. head, .. new byte[Megabyte]];

        (_, long alone) = MeasureResponse(new HandshakeLimits(), head, Megabyte * 2);
        (ResponseOutcome outcome, long allocated) = MeasureResponse(new HandshakeLimits(), withTail, Megabyte * 2);

        outcome.Consumed.Should().Be(head.Length);
        allocated.Should().Be(alone);
    }

    private static byte[] LargeHead(int length, string start = "GET / HTTP/1.1\r\nHost: a\r\n")
    {
        string line = $"X: {new string('a', 59)}\r\n";
        return Encoding.ASCII.GetBytes(
            start + string.Concat(Enumerable.Repeat(line, length / line.Length)) + "\r\n");
    }

    // The pieces are made before, and the parse is done once before: what is counted is the parser's alone.
    private static (ParseOutcome Outcome, long Allocated) Measure(HandshakeLimits limits, byte[] input, int pieceLength)
    {
        ReadOnlySequence<byte>[] pieces = Pieces(input, pieceLength);
        EverySplit.InCalls(limits, pieces);

        long before = GC.GetAllocatedBytesForCurrentThread();
        var parser = new RequestParser(limits);
        RequestParseStatus status = default;
        long consumed = 0;
        foreach (ReadOnlySequence<byte> piece in pieces)
        {
            var reader = new SequenceReader<byte>(piece);
            status = parser.Parse(ref reader);
            consumed += reader.Consumed;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return (ParseOutcome.Of(parser, status, (int)consumed), allocated);
    }

    private static (ResponseOutcome Outcome, long Allocated) MeasureResponse(HandshakeLimits limits, byte[] input, int pieceLength)
    {
        ReadOnlySequence<byte>[] pieces = Pieces(input, pieceLength);
        EverySplit.ResponseInCalls(limits, pieces);

        long before = GC.GetAllocatedBytesForCurrentThread();
        var parser = new ResponseParser(limits);
        ResponseParseStatus status = default;
        long consumed = 0;
        foreach (ReadOnlySequence<byte> piece in pieces)
        {
            var reader = new SequenceReader<byte>(piece);
            status = parser.Parse(ref reader);
            consumed += reader.Consumed;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return (ResponseOutcome.Of(parser, status, (int)consumed), allocated);
    }

    private static ReadOnlySequence<byte>[] Pieces(byte[] input, int pieceLength) =>
        [.. input.Chunk(Math.Min(pieceLength, input.Length)).Select(c => new ReadOnlySequence<byte>(c))];
}
