namespace RawSocketChat.Handshake.Tests;

internal sealed class HeaderLookup_RFC9110_5_3
{
    private static readonly HttpRequest Request =
        Heads.AssertParses("GET / HTTP/1.1\r\nHost: a\r\nList: x, Y\r\nEmpty:\r\nlist: , z ,\r\nEMPTY:\r\n\r\n");

    [TestCase("host", "a")]
    [TestCase("HOST", "a")]
    [TestCase("Hos", null)]
    [TestCase("Hosts", null)]
    [TestCase("", null)]
    public void A_name_is_found_in_any_case(string name, string? value) => Request.Header(name).Should().Be(value);

    [Test]
    public void Several_fields_of_a_name_are_joined_in_order() => Request.Header("LIST").Should().Be("x, Y, , z ,");

    [Test]
    public void Empty_fields_are_joined_too() => Request.Header("Empty").Should().Be(", ");

    [TestCase("Host", true, "a")]
    [TestCase("Missing", true, null)]
    [TestCase("List", false, null)]
    public void A_single_header_is_told_from_a_repeated_one(string name, bool single, string? value)
    {
        Request.TryGetSingleHeader(name, out string? found).Should().Be(single);
        found.Should().Be(value);
    }

    [TestCase("x", true)]
    [TestCase("X", true)]
    [TestCase("y", true)]
    [TestCase("z", true)]
    [TestCase("x, Y", false)]
    [TestCase("w", false)]
    public void A_token_is_found_in_any_field_and_any_case(string token, bool found) =>
        Request.HasToken("list", token).Should().Be(found);

    [Test]
    public void A_token_is_not_found_in_an_absent_field() => Request.HasToken("missing", "x").Should().BeFalse();

    [TestCase("Upgrade: websocket", true)]
    [TestCase("UPGRADE: WebSocket", true)]
    [TestCase("Upgrade: h2c, websocket", true)]
    [TestCase("Upgrade: h2c", false)]
    [TestCase("Upgrade: websocket2", false)]
    [TestCase("Upgrade: websocket/13", false)]
    [TestCase("Upgrade:", false)]
    [TestCase("Connection: Upgrade", false)]
    public void A_request_asks_for_an_upgrade_by_its_Upgrade_field(string field, bool expected) =>
        Heads.AssertParses($"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n").IsUpgradeRequest.Should().Be(expected);
}
