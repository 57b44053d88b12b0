namespace RawSocketChat.Handshake.Tests;

internal sealed class StatusLine_RFC9112_4
{
    [TestCase("HTTP/1.1 101 Switching Protocols", 101)]
    [TestCase("HTTP/1.1 101 ", 101)]
    [TestCase("HTTP/1.1 101", 101, Description = "no space and no phrase, as some servers write it")]
    [TestCase("HTTP/1.1 100 Continue", 100)]
    [TestCase("HTTP/1.1 200 \u00FCber\tall ~!", 200)]
    [TestCase("HTTP/1.1 404  two spaces", 404)]
    [TestCase("HTTP/1.1 999 x", 999)]
    [TestCase("HTTP/1.0 502 Bad Gateway", 502)]
    [TestCase("HTTP/1.0 200", 200)]
    public void Version_status_and_phrase_are_read(string line, int status) =>
        Answers.AssertReads($"{line}\r\n\r\n").StatusCode.Should().Be(status);

    [TestCase("SSH-2.0-OpenSSH_9.6\r\n", 0)]
    [TestCase("\u0015\u0003\u0003\u0000\u0002\u0002\u0046", 0)]
    [TestCase("\r\nHTTP/1.1 101 X\r\n\r\n", 0)]
    [TestCase(" HTTP/1.1 101 X\r\n\r\n", 0)]
    [TestCase("http/1.1 101 X\r\n\r\n", 0)]
    [TestCase("HTTP 101 X\r\n\r\n", 4)]
    [TestCase("HTTP/2 101\r\n\r\n", 5)]
    [TestCase("HTTP/1 101 X\r\n\r\n", 6)]
    [TestCase("HTTP/1.2 101 X\r\n\r\n", 7)]
    [TestCase("HTTP/1.9 101 X\r\n\r\n", 7)]
    [TestCase("GET / HTTP/1.1\r\n\r\n", 0)]
    public void What_is_not_HTTP_1_1_is_refused_at_the_first_byte_that_shows_it(string head, int consumed) =>
        Answers.AssertBreaks(head, HandshakeRule.HeadSyntax, consumed: consumed);

    [TestCase("HTTP/1.10 101 X", 8)]
    [TestCase("HTTP/1.1  101 X", 9)]
    [TestCase("HTTP/1.1\t101 X", 8)]
    [TestCase("HTTP/1.1 abc X", 9)]
    [TestCase("HTTP/1.1 011 X", 9)]
    [TestCase("HTTP/1.1 -10 X", 9)]
    [TestCase("HTTP/1.1 10 X", 11)]
    [TestCase("HTTP/1.1 10\u00B2 X", 11)]
    [TestCase("HTTP/1.1 1010 X", 12)]
    [TestCase("HTTP/1.1 101X", 12)]
    [TestCase("HTTP/1.1 101\tX", 12)]
    [TestCase("HTTP/1.1", 8)]
    [TestCase("HTTP/1.1 ", 9)]
    public void A_status_is_three_digits_with_one_space_before(string line, int consumed) =>
        Answers.AssertBreaks($"{line}\r\n\r\n", HandshakeRule.HeadSyntax, consumed: consumed);

    [TestCase("HTTP/1.1 101 a\0b", 14)]
    [TestCase("HTTP/1.1 101 a\u007Fb", 14)]
    [TestCase("HTTP/1.1 101 a\u001Bb", 14)]
    public void A_phrase_holds_no_control_character(string line, int consumed) =>
        Answers.AssertBreaks($"{line}\r\n\r\n", HandshakeRule.HeadSyntax, consumed: consumed);

    [TestCase("HTTP/1.1 101 X\n\n", 14)]
    [TestCase("HTTP/1.1 101\n\n", 12)]
    [TestCase("HTTP/1.1 200 OK\nA: b\r\n\r\n", 15)]
    [TestCase("HTTP/1.1 200 OK\rA: b\r\n\r\n", 16)]
    [TestCase("HTTP/1.1 200\r\r\n\r\n", 13)]
    public void A_line_ends_with_CRLF_and_nothing_less(string head, int consumed) =>
        Answers.AssertBreaks(head, HandshakeRule.HeadSyntax, consumed: consumed);

    // RFC 9110 §7.8: in HTTP/1.0 there is no upgrade.
    [TestCase("HTTP/1.0 101 Switching Protocols")]
    [TestCase("HTTP/1.0 101")]
    public void A_101_is_not_that_of_an_older_version(string line) =>
        UpgradeText.Answer.WithStartLine(line).AssertBreaks(HandshakeRule.HeadSyntax);

    [TestCase(100, true)]
    [TestCase(101, false)]
    [TestCase(102, true)]
    [TestCase(199, true)]
    [TestCase(200, false)]
    public void Each_1xx_but_101_is_interim(int status, bool isInterim) =>
        Answers.AssertReads($"HTTP/1.1 {status} X\r\n\r\n").IsInterim.Should().Be(isInterim);
}
