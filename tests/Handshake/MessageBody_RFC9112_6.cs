namespace RawSocketChat.Handshake.Tests;

internal sealed class MessageBody_RFC9112_6
{
    [TestCase("Transfer-Encoding: chunked")]
    [TestCase("transfer-encoding: identity")]
    [TestCase("Transfer-Encoding:")]
    public void A_Transfer_Encoding_is_refused_with_400(string field) => UpgradeText.Valid.With(field).AssertFailsWith(400);

    [TestCase("Content-Length: 1")]
    [TestCase("content-length: 18446744073709551616")]
    [TestCase("Content-Length: -1")]
    [TestCase("Content-Length: +0")]
    [TestCase("Content-Length: 00")]
    [TestCase("Content-Length: 0, 0")]
    [TestCase("Content-Length: 0x0")]
    [TestCase("Content-Length:")]
    public void A_Content_Length_other_than_0_is_refused_with_400(string field) => UpgradeText.Valid.With(field).AssertFailsWith(400);

    [Test]
    public void A_repeated_Content_Length_is_refused_with_400() =>
        UpgradeText.Valid.With("Content-Length: 0", "Content-Length: 0").AssertFailsWith(400);

    [Test]
    public void Both_fields_together_are_refused_with_400() =>
        UpgradeText.Valid.With("Content-Length: 0", "Transfer-Encoding: chunked").AssertFailsWith(400);

    [Test]
    public void A_Content_Length_of_0_says_that_there_is_no_body() => UpgradeText.Valid.With("Content-Length: 0").AssertAccepted();
}
