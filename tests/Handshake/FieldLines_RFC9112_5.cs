namespace RawSocketChat.Handshake.Tests;

internal sealed class FieldLines_RFC9112_5
{
    [Test]
    public void Fields_keep_their_order_their_case_and_their_repetitions()
    {
        HttpRequest request = Heads.AssertParses("GET / HTTP/1.1\r\nHost: a\r\nX-b: 1\r\nx-B: 2\r\n\r\n");

        request.HeaderCount.Should().Be(3);
        request.Headers.Should().Equal(
            KeyValuePair.Create("Host", "a"), KeyValuePair.Create("X-b", "1"), KeyValuePair.Create("x-B", "2"));
    }

    [TestCase("X: v", "v")]
    [TestCase("X:v", "v")]
    [TestCase("X: \t v\t \t", "v")]
    [TestCase("X: a \t b ", "a \t b")]
    [TestCase("X:", "")]
    [TestCase("X: \t ", "")]
    [TestCase("X: a:b: c", "a:b: c")]
    [TestCase("X: \u0080\u00FF", "\u0080\u00FF")]
    [TestCase("!#$%&'*+-.^_`|~09azAZ: v", null)]
    public void White_space_around_a_value_is_no_part_of_it(string line, string? value) =>
        UpgradeText.Valid.With(line).AssertParses().Header("x").Should().Be(value);

    [TestCase("X : v")]
    [TestCase("X\t: v")]
    [TestCase(": v")]
    [TestCase("X")]
    [TestCase("X v")]
    [TestCase("X(y): v")]
    [TestCase("X\0y: v")]
    [TestCase("X\u00E4: v")]
    [TestCase("X\ny: v")]
    public void A_name_that_is_no_token_before_its_colon_is_refused_with_400(string line) =>
        UpgradeText.Valid.With(line).AssertFailsWith(400);

    [TestCase("X: a\0b")]
    [TestCase("X: a\u0001b")]
    [TestCase("X: a\u001Fb")]
    [TestCase("X: a\u007Fb")]
    [TestCase("X: a\u000Bb")]
    [TestCase("X:\0")]
    public void A_value_with_a_control_character_is_refused_with_400(string line) =>
        UpgradeText.Valid.With(line).AssertFailsWith(400);

    [TestCase("X: a\nY: b")]
    [TestCase("X: \nY: b")]
    [TestCase("X:\nY: b")]
    public void A_bare_LF_is_refused_with_400(string lines) => UpgradeText.Valid.With(lines).AssertFailsWith(400);

    [TestCase("X: a\rY: b")]
    [TestCase("X: a\r")]
    [TestCase("X: a\r\rb")]
    public void A_bare_CR_is_refused_with_400(string lines) => UpgradeText.Valid.With(lines).AssertFailsWith(400);

    [TestCase("\n")]
    [TestCase("\r\r\n")]
    [TestCase("\rX")]
    public void A_head_that_does_not_end_with_an_empty_line_is_refused_with_400(string end) =>
        Heads.AssertFailsWith("GET / HTTP/1.1\r\nHost: a\r\n" + end, 400);

    [TestCase(" b")]
    [TestCase("\tb")]
    [TestCase(" ")]
    public void An_obsolete_line_fold_is_refused_with_400(string fold) =>
        UpgradeText.Valid.With("X: a", fold).AssertFailsWith(400);

    [Test]
    public void White_space_before_the_first_field_is_refused_with_400() =>
        Heads.AssertFailsWith("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);

    [TestCase("constructor")]
    [TestCase("__proto__")]
    [TestCase("toString")]
    public void A_name_is_just_a_name(string name)
    {
        UpgradeText.Valid.AssertParses().Header(name).Should().BeNull();
        UpgradeText.Valid.With($"{name}: x").AssertParses().Header(name).Should().Be("x");
    }
}
