namespace RawSocketChat.Handshake.Tests;

internal sealed class ServerRequirements_4_2_1
{
    [Test]
    public void The_example_handshake_is_accepted()
    {
        UpgradeAcceptance acceptance = UpgradeText.Valid.AssertAccepted();

        acceptance.Accept.Should().Be("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        acceptance.SubProtocol.Should().BeNull();
        acceptance.ExtensionOffers.Should().BeEmpty();
    }

    [Test]
    public void The_order_of_the_fields_is_not_important() =>
        (UpgradeText.Valid with { Fields = [.. UpgradeText.Valid.Fields.Reverse()] }).AssertAccepted();

    [Test]
    public void The_names_of_the_fields_are_taken_in_any_case()
    {
        UpgradeText.Valid.MapNames(n => n.ToUpperInvariant()).AssertAccepted();
        UpgradeText.Valid.MapNames(n => n.ToLowerInvariant()).AssertAccepted();
        UpgradeText.Valid.MapNames(OddCase).AssertAccepted();
    }

    [Test]
    public void Unknown_fields_are_ignored() => UpgradeText.Valid.With("X-Unknown: y", "constructor: z").AssertAccepted();

    [Test]
    public void An_absolute_URI_is_accepted() =>
        UpgradeText.Valid.WithStartLine("GET http://server.example.com/chat HTTP/1.1").AssertAccepted();

    [TestCase("POST")]
    [TestCase("HEAD")]
    [TestCase("get")]
    [TestCase("GETX")]
    public void Another_method_than_GET_is_refused_with_405_and_Allow(string method)
    {
        HttpRefusal refusal = UpgradeText.Valid.WithStartLine($"{method} /chat HTTP/1.1").AssertRefused(405);

        (refusal.HeaderName, refusal.HeaderValue).Should().Be(("Allow", "GET"));
    }

    [TestCase("Upgrade: WebSocket")]
    [TestCase("Upgrade: h2c , WEBSOCKET")]
    [TestCase("Upgrade: ,websocket,")]
    public void An_Upgrade_that_contains_websocket_is_accepted(string field) =>
        UpgradeText.Valid.Replace("Upgrade", field).AssertAccepted();

    [Test]
    public void Websocket_may_stand_in_a_second_Upgrade_field() =>
        UpgradeText.Valid.Replace("Upgrade", "Upgrade: h2c").With("Upgrade: websocket").AssertAccepted();

    [TestCase("Upgrade:")]
    [TestCase("Upgrade: h2c")]
    [TestCase("Upgrade: web socket")]
    [TestCase("Upgrade: websockets")]
    [TestCase("Upgrade: \"websocket\"")]
    public void An_Upgrade_to_something_else_is_refused_with_426(string field) =>
        UpgradeText.Valid.Replace("Upgrade", field).AssertRefused(426).HeaderValue.Should().Be("13");

    [Test]
    public void A_missing_Upgrade_is_refused_with_426() => UpgradeText.Valid.Without("Upgrade").AssertRefused(426);

    [Test]
    public void A_plain_GET_is_refused_with_426() =>
        new UpgradeText("GET / HTTP/1.1", "Host: a").AssertRefused(426).HeaderName.Should().Be("Sec-WebSocket-Version");

    [TestCase("Connection: upgrade")]
    [TestCase("Connection: keep-alive, Upgrade")]
    [TestCase("Connection: ,UPGRADE\t,close")]
    public void A_Connection_that_includes_Upgrade_is_accepted(string field) =>
        UpgradeText.Valid.Replace("Connection", field).AssertAccepted();

    [Test]
    public void Upgrade_may_stand_in_a_second_Connection_field() =>
        UpgradeText.Valid.Replace("Connection", "Connection: keep-alive").With("Connection: Upgrade").AssertAccepted();

    [TestCase("Connection:")]
    [TestCase("Connection: keep-alive")]
    [TestCase("Connection: Upgraded")]
    [TestCase("Connection: keep-alive Upgrade")]
    public void A_Connection_without_Upgrade_is_refused_with_400(string field) =>
        UpgradeText.Valid.Replace("Connection", field).AssertRefused(400);

    [Test]
    public void A_missing_Connection_is_refused_with_400() => UpgradeText.Valid.Without("Connection").AssertRefused(400);

    [TestCase("AAAAAAAAAAAAAAAAAAAAAA==")]
    [TestCase("//////////++++++++++zw==")]
    [TestCase("AQIDBAUGBwgJCgsMDQ4PEC==", Description = "the example of §4.1, whose spare bits are not zero")]
    public void A_key_of_16_bytes_is_accepted(string key) =>
        UpgradeText.Valid.Replace("Sec-WebSocket-Key", $"Sec-WebSocket-Key: {key}").AssertAccepted().Accept.Should().HaveLength(28);

    [Test]
    public void White_space_around_a_key_is_no_part_of_it() =>
        UpgradeText.Valid.Replace("Sec-WebSocket-Key", "Sec-WebSocket-Key:\t dGhlIHNhbXBsZSBub25jZQ== ")
            .AssertAccepted().Accept.Should().Be("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    [TestCase("")]
    [TestCase("==")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ", Description = "no padding")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ=", Description = "half the padding")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ===", Description = "too much padding")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQA=", Description = "17 bytes")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQAA", Description = "18 bytes")]
    [TestCase("dGhlIHNhbXBsZSBub25j", Description = "15 bytes")]
    [TestCase("dGhlIHNhbXBsZSBub25jZ===", Description = "three paddings")]
    [TestCase("dGhl HNhbXBsZSBub25jZQ==", Description = "a space within")]
    [TestCase("dGhl-HNhbXBs_SBub25jZQ==", Description = "the other base64")]
    [TestCase("dGhlIHNhb=BsZSBub25jZQ==", Description = "padding within")]
    [TestCase("dGhlIHNhbXBsZSBub25jZ\u00E4==", Description = "beyond ASCII")]
    public void A_key_that_is_not_16_bytes_is_refused_with_400(string key) =>
        UpgradeText.Valid.Replace("Sec-WebSocket-Key", $"Sec-WebSocket-Key: {key}").AssertRefused(400);

    [Test]
    public void A_missing_key_is_refused_with_400() => UpgradeText.Valid.Without("Sec-WebSocket-Key").AssertRefused(400);

    [Test]
    public void A_repeated_key_is_refused_with_400() =>
        UpgradeText.Valid.With("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==").AssertRefused(400);

    private static string OddCase(string name) =>
        string.Concat(name.Select((c, i) => i % 2 == 0 ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
}
