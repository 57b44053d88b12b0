using System.Text;

namespace RawSocketChat.Handshake.Tests;

internal sealed class Limits_RFC6585_5
{
    private static readonly HandshakeLimits Small = new() { MaxLineLength = 64, MaxHeaderCount = 3, MaxTotalSize = 256 };

    [Test]
    public void A_request_line_of_exactly_the_limit_is_taken() =>
        Heads.AssertParses($"{RequestLine(64)}Host: a\r\n\r\n", Small);

    [Test]
    public void A_request_line_of_one_byte_more_is_refused_with_414() =>
        Heads.AssertFailsWith($"{RequestLine(65)}Host: a\r\n\r\n", 414, Small);

    [Test]
    public void A_header_line_of_exactly_the_limit_is_taken() =>
        Heads.AssertParses($"GET / HTTP/1.1\r\n{Field(64)}Host: a\r\n\r\n", Small);

    [Test]
    public void A_header_line_of_one_byte_more_is_refused_with_431() =>
        Heads.AssertFailsWith($"GET / HTTP/1.1\r\n{Field(65)}Host: a\r\n\r\n", 431, Small);

    [Test]
    public void White_space_counts_as_the_line() =>
        Heads.AssertFailsWith($"GET / HTTP/1.1\r\nX:{new string(' ', 63)}", 431, Small);

    [Test]
    public void A_name_without_end_is_refused_with_431() =>
        Heads.AssertFailsWith($"GET / HTTP/1.1\r\n{new string('X', 65)}", 431, Small);

    [TestCase("G", 414)]
    [TestCase("GET /", 414)]
    [TestCase("GET / H", 414)]
    [TestCase("GET / HTTP/1.1\r\nX", 431)]
    [TestCase("GET / HTTP/1.1\r\nX: ", 431)]
    public void A_limit_acts_on_the_first_byte_beyond_it_wherever_the_line_stands(string start, int statusCode)
    {
        string line = start[(start.IndexOf('\n') + 1)..];
        string longest = start + new string('a', 64 - line.Length);

        EverySplit.Parse(Encoding.ASCII.GetBytes(longest), Small).Status.Should().Be(RequestParseStatus.NeedMoreData);
        Heads.AssertFailsWith(longest + "a", statusCode, Small);
    }

    [Test]
    public void The_greatest_number_of_fields_is_taken() =>
        Heads.AssertParses("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n", Small).HeaderCount.Should().Be(3);

    [Test]
    public void One_field_more_is_refused_with_431_at_its_first_byte() =>
        Heads.AssertFailsWith("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nX", 431, Small);

    [Test]
    public void A_head_of_exactly_the_limit_is_taken() => Heads.AssertParses(Head(256), Small);

    [Test]
    public void A_head_of_one_byte_more_is_refused_with_431() => Heads.AssertFailsWith(Head(257), 431, Small);

    [Test]
    public void An_empty_line_before_counts_as_the_head() => Heads.AssertFailsWith("\r\n" + Head(256), 431, Small);

    [Test]
    public void A_request_line_beyond_the_whole_limit_is_refused_with_414() =>
        Heads.AssertFailsWith(RequestLine(1000), 414, new HandshakeLimits { MaxTotalSize = 128, MaxLineLength = 8192 });

    [TestCase(nameof(HandshakeLimits.MaxLineLength), 63, "64")]
    [TestCase(nameof(HandshakeLimits.MaxLineLength), 1048577, "1048576")]
    [TestCase(nameof(HandshakeLimits.MaxHeaderCount), 0, "1")]
    [TestCase(nameof(HandshakeLimits.MaxHeaderCount), 10001, "10000")]
    [TestCase(nameof(HandshakeLimits.MaxTotalSize), 127, "128")]
    [TestCase(nameof(HandshakeLimits.MaxTotalSize), -1, "128")]
    [TestCase(nameof(HandshakeLimits.MaxTotalSize), int.MaxValue, "16777216")]
    public void A_limit_out_of_range_is_told_by_name_value_and_bound(string name, int value, string bound)
    {
        Func<HandshakeLimits> set = () => name switch
        {
            nameof(HandshakeLimits.MaxLineLength) => new HandshakeLimits { MaxLineLength = value },
            nameof(HandshakeLimits.MaxHeaderCount) => new HandshakeLimits { MaxHeaderCount = value },
            _ => new HandshakeLimits { MaxTotalSize = value },
        };

        set.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*{bound}*")
            .Where(e => e.ParamName == name && Equals(e.ActualValue, value));
    }

    [Test]
    public void The_defaults_are_8192_100_and_16384()
    {
        var limits = new HandshakeLimits();

        (limits.MaxLineLength, limits.MaxHeaderCount, limits.MaxTotalSize).Should().Be((8192, 100, 16384));
    }

    private static string RequestLine(int length) => $"GET /{new string('a', length - 16)} HTTP/1.1\r\n";

    private static string Field(int length) => $"X: {new string('a', length - 5)}\r\n";

    // Three fields, and no line beyond 64 bytes, for the lengths asked for.
    private static string Head(int length)
    {
        string head = RequestLine(64) + "Host: " + new string('a', 56) + "\r\n" + Field(64);
        return head + Field(length - head.Length - 2) + "\r\n";
    }
}
