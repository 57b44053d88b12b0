using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What the tests say about response heads; each parses at every split.</summary>
internal static class Answers
{
    // That of the example of RFC 6455 §1.3, which UpgradeText.Answer answers.
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    public static HttpResponseHead AssertReads(this UpgradeText text, HandshakeLimits? limits = null) => AssertReads(text.ToString(), limits);

    public static HttpResponseHead AssertReads(string text, HandshakeLimits? limits = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        ResponseOutcome outcome = EverySplit.ParseResponse(bytes, limits);
        outcome.Status.Should().Be(ResponseParseStatus.Done, "{0} is a whole head ({1})", text, outcome.Violation);
        outcome.Consumed.Should().Be(bytes.Length);
        return outcome.Response!;
    }

    public static HandshakeViolation AssertBreaks(this UpgradeText text, HandshakeRule rule, HandshakeLimits? limits = null) =>
        AssertBreaks(text.ToString(), rule, limits);

    // Where the number of bytes taken is told, the next one is the first that shows it.
    public static HandshakeViolation AssertBreaks(string text, HandshakeRule rule, HandshakeLimits? limits = null, int? consumed = null)
    {
        ResponseOutcome outcome = EverySplit.ParseResponse(Encoding.Latin1.GetBytes(text), limits);
        outcome.Status.Should().Be(ResponseParseStatus.Refused, "{0} breaks a rule", text);
        outcome.Consumed.Should().Be(consumed ?? outcome.Consumed);
        return AssertIs(outcome.Violation, rule);
    }

    public static UpgradeAgreement AssertEstablishes(this UpgradeText text, UpgradeOffer? offer = null)
    {
        bool established = UpgradeValidator.TryValidate(
            text.AssertReads(), Key, offer ?? new UpgradeOffer(), out UpgradeAgreement agreement, out HandshakeViolation violation);
        established.Should().BeTrue("{0} is sound ({1})", text, violation);
        return agreement;
    }

    public static HandshakeViolation AssertViolates(this UpgradeText text, HandshakeRule rule, UpgradeOffer? offer = null)
    {
        bool established = UpgradeValidator.TryValidate(
            text.AssertReads(), Key, offer ?? new UpgradeOffer(), out UpgradeAgreement agreement, out HandshakeViolation violation);
        established.Should().BeFalse("{0} opens no connection", text);
        agreement.Should().Be(default(UpgradeAgreement));
        return AssertIs(violation, rule);
    }

    private static HandshakeViolation AssertIs(HandshakeViolation violation, HandshakeRule rule)
    {
        violation.Rule.Should().Be(rule, "the violation is {0}", violation);
        violation.Reason.Should().NotBeNullOrEmpty().And.NotContainAny("\r", "\n");
        return violation;
    }
}
