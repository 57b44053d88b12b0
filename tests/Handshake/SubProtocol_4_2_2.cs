namespace RawSocketChat.Handshake.Tests;

internal sealed class SubProtocol_4_2_2
{
    private static readonly UpgradePolicy Policy = new() { SubProtocols = ["v2.chat", "v1.chat"] };

    [TestCase("v1.chat", "v1.chat")]
    [TestCase("v1.chat, v2.chat", "v2.chat")]
    [TestCase("x,\tv1.chat ,y", "v1.chat")]
    [TestCase("x", null)]
    [TestCase("V1.CHAT", null)]
    [TestCase("v1.chat2", null)]
    [TestCase("constructor", null)]
    public void The_first_of_the_servers_list_that_is_offered_is_chosen(string offered, string? chosen) =>
        Offer(offered).AssertAccepted(Policy).SubProtocol.Should().Be(chosen);

    [Test]
    public void Nothing_is_chosen_when_nothing_is_offered() => UpgradeText.Valid.AssertAccepted(Policy).SubProtocol.Should().BeNull();

    [Test]
    public void Nothing_is_chosen_when_the_server_speaks_none() => Offer("v1.chat").AssertAccepted().SubProtocol.Should().BeNull();

    [Test]
    public void Several_fields_are_one_list() =>
        UpgradeText.Valid.With("Sec-WebSocket-Protocol: v1.chat", "sec-websocket-protocol: a, v2.chat")
            .AssertAccepted(Policy).SubProtocol.Should().Be("v2.chat");

    [TestCase("")]
    [TestCase(",")]
    [TestCase("v1.chat,")]
    [TestCase(",v1.chat")]
    [TestCase("v1.chat,,x")]
    public void An_empty_element_is_refused_with_400(string offered) => Offer(offered).AssertRefused(400, Policy);

    [TestCase("v1 chat")]
    [TestCase("a;b")]
    [TestCase("\"v1.chat\"")]
    [TestCase("a/b")]
    [TestCase("v1.ch\u00E4t")]
    [TestCase("v1.chat\tx")]
    public void An_element_that_is_no_token_is_refused_with_400(string offered) => Offer(offered).AssertRefused(400, Policy);

    [TestCase("x, x")]
    [TestCase("v1.chat, x, v1.chat")]
    public void A_repeated_element_is_refused_with_400(string offered) => Offer(offered).AssertRefused(400, Policy);

    [Test]
    public void An_element_repeated_in_another_field_is_refused_with_400() =>
        UpgradeText.Valid.With("Sec-WebSocket-Protocol: x", "Sec-WebSocket-Protocol: x").AssertRefused(400, Policy);

    [Test]
    public void Elements_that_differ_in_case_are_not_the_same() => Offer("x, X").AssertAccepted(Policy);

    [Test]
    public void Sixty_four_elements_are_taken_and_one_more_is_refused_with_431()
    {
        string many = string.Join(",", Enumerable.Range(0, SubProtocolSelector.MaxElements).Select(i => $"p{i}"));

        Offer(many).AssertAccepted(Policy);
        Offer(many + ",v1.chat").AssertRefused(431, Policy);
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a,b")]
    [TestCase("a\r\nb")]
    [TestCase("\u00E4")]
    public void A_policy_takes_tokens_alone(string subProtocol)
    {
        Func<UpgradePolicy> make = () => new UpgradePolicy { SubProtocols = [subProtocol] };

        make.Should().Throw<ArgumentException>().WithParameterName(nameof(UpgradePolicy.SubProtocols));
    }

    [Test]
    public void A_policy_names_no_subprotocol_twice()
    {
        Func<UpgradePolicy> make = () => new UpgradePolicy { SubProtocols = ["a", "a"] };

        make.Should().Throw<ArgumentException>().WithMessage("*\"a\"*twice*");
    }

    [Test]
    public void A_policy_keeps_a_copy_of_its_list()
    {
        string[] list = ["a"];
        var policy = new UpgradePolicy { SubProtocols = list };

        list[0] = "b";

        policy.SubProtocols.Should().Equal("a");
        Offer("a, b").AssertAccepted(policy).SubProtocol.Should().Be("a");
    }

    private static UpgradeText Offer(string value) => UpgradeText.Valid.With($"Sec-WebSocket-Protocol: {value}");
}
