namespace RawSocketChat.Handshake.Tests;

internal sealed class Version_4_4
{
    [TestCase("8")]
    [TestCase("25")]
    [TestCase("")]
    [TestCase("013")]
    [TestCase("13.0")]
    [TestCase("13, 8")]
    [TestCase("+13")]
    [TestCase("1 3")]
    [TestCase("thirteen")]
    public void Another_version_is_refused_with_426_and_the_version_spoken(string version) =>
        AssertTellsVersion(UpgradeText.Valid.Replace("Sec-WebSocket-Version", $"Sec-WebSocket-Version: {version}").AssertRefused(426));

    [Test]
    public void A_missing_version_is_refused_with_426_and_the_version_spoken() =>
        AssertTellsVersion(UpgradeText.Valid.Without("Sec-WebSocket-Version").AssertRefused(426));

    [Test]
    public void The_drafts_before_the_field_are_told_the_version_spoken() =>
        AssertTellsVersion(UpgradeText.Valid.Without("Sec-WebSocket-Version").Without("Sec-WebSocket-Key")
            .With("Sec-WebSocket-Key1: 18x 6]8vM;54 *(5:  {   U1]8  z [  8", "Sec-WebSocket-Key2: 1_ tx7X d  <  nw  334J702) 7]o}` 0")
            .AssertRefused(426));

    [TestCase("Sec-WebSocket-Version: 13")]
    [TestCase("sec-websocket-version: 8")]
    public void A_repeated_version_is_refused_with_400(string second) => UpgradeText.Valid.With(second).AssertRefused(400);

    private static void AssertTellsVersion(HttpRefusal refusal) =>
        (refusal.HeaderName, refusal.HeaderValue).Should().Be(("Sec-WebSocket-Version", "13"));
}
