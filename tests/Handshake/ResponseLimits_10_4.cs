using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What a server can make a client hold.</summary>
internal sealed class ResponseLimits_10_4
{
    private static readonly HandshakeLimits Small = new() { MaxLineLength = 64, MaxHeaderCount = 3, MaxTotalSize = 256 };

    [Test]
    public void A_status_line_of_exactly_the_limit_is_taken_and_one_byte_more_is_not()
    {
        Answers.AssertReads($"{StatusLine(64)}A: b\r\n\r\n", Small);
        Answers.AssertBreaks($"{StatusLine(65)}A: b\r\n\r\n", HandshakeRule.HeadSize, Small, consumed: 64);
    }

    [Test]
    public void So_is_a_header_line()
    {
        Answers.AssertReads($"HTTP/1.1 101\r\n{Field(64)}\r\n", Small);
        Answers.AssertBreaks($"HTTP/1.1 101\r\n{Field(65)}\r\n", HandshakeRule.HeadSize, Small, consumed: 14 + 64);
    }

    [Test]
    public void So_is_a_whole_head()
    {
        Answers.AssertReads(Head(256), Small);
        Answers.AssertBreaks(Head(257), HandshakeRule.HeadSize, Small, consumed: 256);
    }

    [TestCase("HTTP/1.1 101 ")]
    [TestCase("HTTP/1.1 101\r\nX")]
    [TestCase("HTTP/1.1 101\r\nX: ")]
    public void A_limit_acts_on_the_first_byte_beyond_it_wherever_the_line_stands(string start)
    {
        string line = start[(start.IndexOf('\n') + 1)..];
        string longest = start + new string('a', 64 - line.Length);

        EverySplit.ParseResponse(Encoding.ASCII.GetBytes(longest), Small).Status.Should().Be(ResponseParseStatus.NeedMoreData);
        Answers.AssertBreaks(longest + "a", HandshakeRule.HeadSize, Small, consumed: longest.Length);
    }

    [Test]
    public void White_space_counts_as_the_line() =>
        Answers.AssertBreaks($"HTTP/1.1 101\r\nX:{new string(' ', 63)}", HandshakeRule.HeadSize, Small);

    [Test]
    public void The_greatest_number_of_fields_is_taken() =>
        Answers.AssertReads("HTTP/1.1 101\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\n", Small).HeaderCount.Should().Be(3);

    [Test]
    public void One_field_more_is_refused_at_its_first_byte() =>
        Answers.AssertBreaks("HTTP/1.1 101\r\nX: 1\r\nX: 2\r\nX: 3\r\nX", HandshakeRule.HeadSize, Small, consumed: 32);

    [Test]
    public void A_head_of_64_KiB_and_more_is_read_as_a_shorter_one()
    {
        string value = new('v', 70_000);
        var limits = new HandshakeLimits { MaxLineLength = 1 << 20, MaxTotalSize = 1 << 20 };
        byte[] input = Encoding.ASCII.GetBytes($"HTTP/1.1 101\r\nX: {value}\r\nY: z\r\n\r\n");

        HttpResponseHead response = EverySplit.ResponseInCalls(limits, new ReadOnlySequence<byte>(input)).Response!;

        response.Header("x").Should().Be(value);
        response.Header("y").Should().Be("z");
    }

    private static string StatusLine(int length) => $"HTTP/1.1 101 {new string('a', length - 15)}\r\n";

    private static string Field(int length) => $"X: {new string('a', length - 5)}\r\n";

    // Three fields, and no line beyond 64 bytes, for the lengths asked for.
    private static string Head(int length)
    {
        string head = StatusLine(64) + Field(64) + Field(64);
        return head + Field(length - head.Length - 2) + "\r\n";
    }
}
