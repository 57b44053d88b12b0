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

    // Names that most clients send are kept as numbers, in the case that most send them in; numbers and lengths take more bytes as they grow.
    [Test]
    public void Names_and_values_of_every_length_come_back_as_they_were_sent()
    {
        (string Name, string Value)[] sent =
        [
            ("Host", "a"), ("host-", ""), ("Sec-WebSocket-Key", "k"), ("sec-websocket-key", "l"), ("User-Agent", new string('u', 127)),
            .. new[] { 1, 100, 101, 102, 103, 127, 128, 129, 400 }.Select(length => (new string('n', length), new string('v', 3 * length))),
            ("x", new string('w', 20_000)), ("X-Real-IP", "last"),
        ];
        string lines = string.Concat(sent.Select(field => $"{field.Name}:{field.Value}\r\n"));

        HttpRequest request = Heads.AssertParses(
            $"GET /{new string('t', 200)}?{new string('q', 200)} HTTP/1.1\r\n{lines}\r\n",
            new HandshakeLimits { MaxLineLength = 32 * 1024, MaxTotalSize = 64 * 1024 });

        request.Headers.Select(field => (field.Key, field.Value)).Should().Equal(sent);
        request.HeaderCount.Should().Be(sent.Length);
        request.Header("SEC-WEBSOCKET-KEY").Should().Be("k, l");
        request.Header("X-REAL-IP").Should().Be("last");
        request.Query.Should().HaveLength(200);
    }

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
