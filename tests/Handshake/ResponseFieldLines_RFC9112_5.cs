namespace RawSocketChat.Handshake.Tests;

internal sealed class ResponseFieldLines_RFC9112_5
{
    [Test]
    public void Fields_keep_their_order_their_case_and_their_repetitions()
    {
        HttpResponseHead response = Answers.AssertReads("HTTP/1.1 200 OK\r\nX-b: 1\r\nSet-Cookie: a=1\r\nx-B: 2\r\nset-cookie: b=2\r\n\r\n");

        response.HeaderCount.Should().Be(4);
        response.Headers.Should().Equal(
            KeyValuePair.Create("X-b", "1"), KeyValuePair.Create("Set-Cookie", "a=1"),
            KeyValuePair.Create("x-B", "2"), KeyValuePair.Create("set-cookie", "b=2"));
        response.HeaderValues("SET-COOKIE").Should().Equal("a=1", "b=2");
        response.HeaderValues("Set-Cookies").Should().BeEmpty();
        response.Header("x-b").Should().Be("1, 2");
        response.Header("X").Should().BeNull();
        response.TryGetSingleHeader("X-B", out string? repeated).Should().BeFalse();
        repeated.Should().BeNull();
        response.TryGetSingleHeader("X", out string? absent).Should().BeTrue();
        absent.Should().BeNull();
    }

    [Test]
    public void A_head_may_have_no_field()
    {
        HttpResponseHead response = Answers.AssertReads("HTTP/1.1 204 No Content\r\n\r\n");

        response.HeaderCount.Should().Be(0);
        response.Headers.Should().BeEmpty();
    }

    [TestCase("X: v", "v")]
    [TestCase("X:v", "v")]
    [TestCase("X: \t v\t \t", "v")]
    [TestCase("X: a \t b ", "a \t b")]
    [TestCase("X:", "")]
    [TestCase("X: \t ", "")]
    [TestCase("X: a:b: c", "a:b: c")]
    [TestCase("X: \u0080\u00FF", "\u0080\u00FF")]
    public void White_space_around_a_value_is_no_part_of_it(string line, string value) =>
        UpgradeText.Answer.With(line).AssertReads().Header("x").Should().Be(value);

    [TestCase("X : v")]
    [TestCase("X\t: v")]
    [TestCase(": v")]
    [TestCase("X")]
    [TestCase("X v")]
    [TestCase("X(y): v")]
    [TestCase("X\0y: v")]
    [TestCase("X\u00E4: v")]
    [TestCase("X\ny: v")]
    public void A_name_is_a_token_right_before_its_colon(string line) =>
        UpgradeText.Answer.With(line).AssertBreaks(HandshakeRule.HeadSyntax);

    [TestCase("X: a\0b")]
    [TestCase("X: a\u0001b")]
    [TestCase("X: a\u007Fb")]
    [TestCase("X:\0")]
    [TestCase("X: a\nY: b")]
    [TestCase("X:\nY: b")]
    [TestCase("X: a\rY: b")]
    [TestCase("X: a\r\rb")]
    public void A_value_holds_no_control_character_and_no_line_end(string line) =>
        UpgradeText.Answer.With(line).AssertBreaks(HandshakeRule.HeadSyntax);

    [TestCase(" b")]
    [TestCase("\tb")]
    [TestCase(" ")]
    public void An_obsolete_line_fold_is_not_taken(string fold) =>
        UpgradeText.Answer.With("X: a", fold).AssertBreaks(HandshakeRule.HeadSyntax);

    [Test]
    public void Nor_is_white_space_before_the_first_field() =>
        Answers.AssertBreaks("HTTP/1.1 101 X\r\n Upgrade: websocket\r\n\r\n", HandshakeRule.HeadSyntax, consumed: 16);

    [TestCase("\n")]
    [TestCase("\r\r\n")]
    [TestCase("\rX")]
    public void A_head_ends_with_an_empty_line_of_CRLF(string end) =>
        Answers.AssertBreaks("HTTP/1.1 101 X\r\nA: b\r\n" + end, HandshakeRule.HeadSyntax);

    [Test]
    public void A_list_is_read_over_all_fields_of_its_name()
    {
        HttpResponseHead response = Answers.AssertReads("HTTP/1.1 101 X\r\nList: x, Y\r\nlist: , z ,\r\n\r\n");

        foreach (string token in (string[])["x", "X", "y", "z"])
        {
            response.HasToken("LIST", token).Should().BeTrue(token);
        }

        response.HasToken("List", "x, Y").Should().BeFalse();
        response.HasToken("Lists", "x").Should().BeFalse();
    }
}
