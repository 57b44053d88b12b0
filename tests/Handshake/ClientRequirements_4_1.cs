namespace RawSocketChat.Handshake.Tests;

/// <summary>The client's validation of the server's answer, item by item.</summary>
internal sealed class ClientRequirements_4_1
{
    private static readonly UpgradeOffer Chat = new() { SubProtocols = ["chat.v2", "chat"], Deflate = new DeflatePolicy() };

    [Test]
    public void The_example_of_1_3_establishes_the_connection() =>
        UpgradeText.Answer.AssertEstablishes().Should().Be(new UpgradeAgreement(null, null));

    [Test]
    public void What_the_server_chooses_of_the_offer_is_agreed_on() =>
        UpgradeText.Answer.With("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate").AssertEstablishes(Chat)
            .Should().Be(new UpgradeAgreement("chat", new DeflateParameters(false, false, 15, 15)));

    [Test]
    public void A_server_may_choose_nothing_of_it() =>
        UpgradeText.Answer.AssertEstablishes(Chat).Should().Be(new UpgradeAgreement(null, null));

    [Test]
    public void Names_are_read_in_any_case_and_fields_in_any_order()
    {
        UpgradeText answer = UpgradeText.Answer.With("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate");

        answer.MapNames(name => name.ToUpperInvariant()).AssertEstablishes(Chat).SubProtocol.Should().Be("chat");
        answer.MapNames(name => name.ToLowerInvariant()).AssertEstablishes(Chat).SubProtocol.Should().Be("chat");
        (answer with { Fields = [.. answer.Fields.Reverse()] }).AssertEstablishes(Chat).SubProtocol.Should().Be("chat");
    }

    // Item 1.
    [TestCase("HTTP/1.1 100 Continue")]
    [TestCase("HTTP/1.1 200 OK")]
    [TestCase("HTTP/1.1 302 Found")]
    [TestCase("HTTP/1.1 401 Unauthorized")]
    [TestCase("HTTP/1.0 502 Bad Gateway")]
    public void A_status_that_is_not_101_is_told_before_all_else(string line)
    {
        UpgradeText.Answer.WithStartLine(line).AssertViolates(HandshakeRule.StatusCode);
        new UpgradeText(line).AssertViolates(HandshakeRule.StatusCode);
    }

    // Item 2.
    [TestCase("Upgrade: WEBSOCKET")]
    [TestCase("Upgrade: WebSocket")]
    [TestCase("upgrade:websocket")]
    [TestCase("Upgrade: \t websocket \t")]
    public void Upgrade_is_websocket_in_any_case(string field) => UpgradeText.Answer.Replace("Upgrade", field).AssertEstablishes();

    [TestCase("Upgrade:")]
    [TestCase("Upgrade: h2c")]
    [TestCase("Upgrade: websockets")]
    [TestCase("Upgrade: web socket")]
    [TestCase("Upgrade: websocket/13")]
    [TestCase("Upgrade: websocket, h2c")]
    [TestCase("Upgrade: \"websocket\"")]
    public void Any_other_Upgrade_fails_the_connection(string field) =>
        UpgradeText.Answer.Replace("Upgrade", field).AssertViolates(HandshakeRule.Upgrade);

    [Test]
    public void So_does_a_missing_one_and_a_repeated_one()
    {
        UpgradeText.Answer.Without("Upgrade").AssertViolates(HandshakeRule.Upgrade);
        UpgradeText.Answer.With("upgrade: websocket").AssertViolates(HandshakeRule.Upgrade);
    }

    // Item 3.
    [TestCase("Connection: upgrade")]
    [TestCase("Connection: keep-alive, UPGRADE")]
    [TestCase("connection: , Upgrade ,")]
    [TestCase("Connection: Upgrade, Upgrade")]
    public void Connection_holds_the_token_Upgrade_in_any_case(string field) =>
        UpgradeText.Answer.Replace("Connection", field).AssertEstablishes();

    [Test]
    public void It_may_stand_in_a_second_field() =>
        UpgradeText.Answer.Replace("Connection", "Connection: keep-alive").With("Connection: Upgrade").AssertEstablishes();

    [TestCase("Connection:")]
    [TestCase("Connection: close")]
    [TestCase("Connection: Upgraded")]
    [TestCase("Connection: keep-alive Upgrade")]
    [TestCase("Connection: \"Upgrade\"")]
    public void A_Connection_without_it_fails_the_connection(string field) =>
        UpgradeText.Answer.Replace("Connection", field).AssertViolates(HandshakeRule.Connection);

    [Test]
    public void So_does_a_missing_Connection() => UpgradeText.Answer.Without("Connection").AssertViolates(HandshakeRule.Connection);

    // Item 4.
    [TestCase("Sec-WebSocket-Accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    [TestCase("sec-websocket-accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t ")]
    public void White_space_around_the_accept_value_is_ignored(string field) =>
        UpgradeText.Answer.Replace("Sec-WebSocket-Accept", field).AssertEstablishes();

    [TestCase("")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK+xOo")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK+xOo==")]
    [TestCase("S3PPLMBITXAQ9KYGZZHZRBK+XOO=")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", Description = "the same 20 bytes, with spare bits that are not zero: not what the RFC writes")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK-xOo=")]
    [TestCase("\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"")]
    [TestCase("s3pPLMBiTxaQ9kYG zzhZRbK+xOo=")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ==", Description = "the key itself")]
    [TestCase("Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=", Description = "of no key at all")]
    public void Any_other_accept_value_fails_the_connection(string value) =>
        UpgradeText.Answer.Replace("Sec-WebSocket-Accept", $"Sec-WebSocket-Accept: {value}").AssertViolates(HandshakeRule.AcceptKey);

    [Test]
    public void So_does_a_missing_one_a_repeated_one_and_that_of_another_key()
    {
        UpgradeText.Answer.Without("Sec-WebSocket-Accept").AssertViolates(HandshakeRule.AcceptKey);
        UpgradeText.Answer.With("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").AssertViolates(HandshakeRule.AcceptKey);
        UpgradeValidator.TryValidate(
            UpgradeText.Answer.AssertReads(), "AQIDBAUGBwgJCgsMDQ4PEA==", new UpgradeOffer(), out _, out HandshakeViolation violation).Should().BeFalse();
        violation.Rule.Should().Be(HandshakeRule.AcceptKey);
    }

    // Item 5: what an answer may say of permessage-deflate is in DeflateOffers_RFC7692_7_1.
    [TestCase("permessage-deflate")]
    [TestCase("x-webkit-deflate-frame")]
    [TestCase("foo; bar=1")]
    public void An_extension_that_was_not_offered_fails_the_connection(string value) => Extensions(value).AssertViolates(HandshakeRule.Extensions);

    [TestCase("foo")]
    [TestCase("permessage-deflate, foo")]
    [TestCase("permessage-deflate, permessage-deflate")]
    [TestCase("permessage-deflate; foo")]
    [TestCase("permessage-deflate; server_max_window_bits=16")]
    [TestCase("permessage-deflate; client_max_window_bits")]
    public void So_does_one_that_was_offered_otherwise(string value) => Extensions(value).AssertViolates(HandshakeRule.Extensions, Chat);

    [TestCase("")]
    [TestCase(",")]
    [TestCase("permessage-deflate;")]
    [TestCase("permessage deflate")]
    [TestCase("=")]
    [TestCase("permessage-deflate; a=\"b,c\"")]
    public void So_does_a_value_that_breaks_the_grammar_of_9_1_whatever_was_offered(string value)
    {
        Extensions(value).AssertViolates(HandshakeRule.Extensions);
        Extensions(value).AssertViolates(HandshakeRule.Extensions, Chat);
    }

    [Test]
    public void Two_fields_are_one_list()
    {
        Extensions("permessage-deflate").With("Sec-WebSocket-Extensions:").AssertEstablishes(Chat).Deflate.Should().NotBeNull();
        Extensions("permessage-deflate").With("sec-websocket-extensions: permessage-deflate").AssertViolates(HandshakeRule.Extensions, Chat);
    }

    [Test]
    public void More_extensions_than_anybody_needs_fail_the_connection() =>
        Extensions(string.Join(",", Enumerable.Repeat("a", 1000))).AssertViolates(HandshakeRule.Extensions, Chat);

    // Item 6.
    [TestCase("mqtt")]
    [TestCase("CHAT")]
    [TestCase("chat.v3")]
    [TestCase("cha")]
    [TestCase("")]
    [TestCase("chat, chat")]
    [TestCase("chat.v2, chat")]
    [TestCase("chat,")]
    [TestCase("\"chat\"")]
    [TestCase("constructor")]
    public void A_subprotocol_that_was_not_offered_fails_the_connection(string value) =>
        SubProtocol(value).AssertViolates(HandshakeRule.SubProtocol, Chat);

    [Test]
    public void So_does_one_where_none_was_and_a_second_field()
    {
        SubProtocol("chat").AssertViolates(HandshakeRule.SubProtocol);
        SubProtocol("chat").With("sec-websocket-protocol: chat").AssertViolates(HandshakeRule.SubProtocol, Chat);
    }

    [Test]
    public void The_first_rule_that_is_broken_is_told()
    {
        UpgradeText wrong = SubProtocol("mqtt").With("Sec-WebSocket-Extensions: foo");

        wrong.Without("Upgrade").Without("Connection").AssertViolates(HandshakeRule.Upgrade);
        wrong.Without("Sec-WebSocket-Accept").AssertViolates(HandshakeRule.AcceptKey);
        wrong.AssertViolates(HandshakeRule.Extensions);
    }

    [TestCase("")]
    [TestCase("short")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ=\u00E9")]
    [TestCase(null)]
    public void A_key_that_cannot_have_been_sent_is_a_programmers_error(string? key)
    {
        HttpResponseHead response = UpgradeText.Answer.AssertReads();
        var validate = () => UpgradeValidator.TryValidate(response, key!, new UpgradeOffer(), out _, out _);

        validate.Should().Throw<ArgumentException>().WithParameterName(nameof(key));
    }

    private static UpgradeText Extensions(string value) => UpgradeText.Answer.With($"Sec-WebSocket-Extensions: {value}");

    private static UpgradeText SubProtocol(string value) => UpgradeText.Answer.With($"Sec-WebSocket-Protocol: {value}");
}
