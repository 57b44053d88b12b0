namespace RawSocketChat.Handshake.Tests;

internal sealed class Extensions_9_1
{
    [TestCase("foo", "foo")]
    [TestCase("foo, bar; baz=2", "foo|bar;baz=2")]
    [TestCase("permessage-deflate; client_max_window_bits", "permessage-deflate;client_max_window_bits")]
    [TestCase("permessage-deflate;x=10,permessage-deflate", "permessage-deflate;x=10|permessage-deflate")]
    [TestCase("a ; b = c\t;\td ,\te", "a;b=c;d|e")]
    [TestCase("a; b=\"c\"", "a;b=c")]
    [TestCase("a; b=\"\\c\\d\"; e", "a;b=cd;e")]
    [TestCase("a; b; b; b=1", "a;b;b;b=1")]
    [TestCase("constructor; __proto__=toString", "constructor;__proto__=toString")]
    [TestCase("A; B=C", "A;B=C")]
    [TestCase(", a,, b ,", "a|b")]
    public void Offers_are_read_in_order(string value, string expected) => Render(Offer(value).AssertAccepted()).Should().Be(expected);

    [Test]
    public void Several_fields_are_one_list() =>
        Render(UpgradeText.Valid.With("Sec-WebSocket-Extensions: foo", "Sec-WebSocket-Extensions: bar; baz=2").AssertAccepted())
            .Should().Be("foo|bar;baz=2");

    [TestCase("")]
    [TestCase(",")]
    [TestCase(" , ,")]
    [TestCase(";")]
    [TestCase(";a")]
    [TestCase("a;")]
    [TestCase("a;;b")]
    [TestCase("a b")]
    [TestCase("a=b")]
    [TestCase("a; b c")]
    [TestCase("a; =b")]
    [TestCase("a; \"b\"")]
    [TestCase("\"a\"")]
    [TestCase("a; b=\"c,d\"")]
    [TestCase("a; b=\"c;d\"")]
    [TestCase("a; b=\"c\\,d\"")]
    [TestCase("a/b")]
    [TestCase("good, b@d")]
    public void What_breaks_the_grammar_is_refused_with_400(string value) => Offer(value).AssertRefused(400);

    // The offer is one that nobody can accept: see the negotiation of permessage-deflate.
    [TestCase("a; b=")]
    [TestCase("a; b=c d")]
    [TestCase("a; b=c=d")]
    [TestCase("a; b=\"")]
    [TestCase("a; b=\"\"")]
    [TestCase("a; b=\"c")]
    [TestCase("a; b=c\"")]
    [TestCase("a; b=\"c d\"")]
    [TestCase("a; b=\"c\\\"")]
    [TestCase("a; b=\"c\\\"d\"")]
    [TestCase("a; b=\"c\\\\d\"")]
    [TestCase("a; b=\"c\"d\"")]
    [TestCase("a; b=\" c\"")]
    [TestCase("a; b='c\u00E4'")]
    public void A_value_that_is_no_token_is_told_as_an_empty_one(string value) =>
        Offer(value).AssertAccepted().ExtensionOffers.Should().ContainSingle()
            .Which.Parameters.Should().ContainSingle().Which.Value.Should().BeEmpty();

    [Test]
    public void One_broken_field_among_several_is_refused_with_400() =>
        UpgradeText.Valid.With("Sec-WebSocket-Extensions: foo", "Sec-WebSocket-Extensions: ;").AssertRefused(400);

    [Test]
    public void Sixty_four_offers_and_parameters_are_taken_and_one_more_is_refused_with_431()
    {
        string many = string.Join(",", Enumerable.Repeat("a;b", ExtensionParser.MaxElements / 2));

        Offer(many).AssertAccepted().ExtensionOffers.Should().HaveCount(ExtensionParser.MaxElements / 2);
        Offer(many + ",a").AssertRefused(431);
        Offer(many + ";b").AssertRefused(431);
    }

    private static UpgradeText Offer(string value) => UpgradeText.Valid.With($"Sec-WebSocket-Extensions: {value}");

    private static string Render(UpgradeAcceptance acceptance) =>
        string.Join("|", acceptance.ExtensionOffers.Select(o => string.Concat(o.Parameters.Select(Render).Prepend(o.Name))));

    private static string Render(ExtensionParameter parameter) =>
        $";{parameter.Name}" + (parameter.Value is null ? "" : $"={parameter.Value}");
}
