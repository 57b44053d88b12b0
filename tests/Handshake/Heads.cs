using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What the tests say about request heads; each parses at every split.</summary>
internal static class Heads
{
    public static HttpRequest AssertParses(this UpgradeText text, HandshakeLimits? limits = null) => AssertParses(text.ToString(), limits);

    public static HttpRequest AssertParses(string text, HandshakeLimits? limits = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        ParseOutcome outcome = EverySplit.Parse(bytes, limits);
        outcome.Status.Should().Be(RequestParseStatus.Done, "{0} is a whole head ({1})", text, outcome.Refusal);
        outcome.Consumed.Should().Be(bytes.Length);
        return outcome.Request!;
    }

    public static HttpRefusal AssertFailsWith(this UpgradeText text, int statusCode, HandshakeLimits? limits = null) =>
        AssertFailsWith(text.ToString(), statusCode, limits);

    public static HttpRefusal AssertFailsWith(string text, int statusCode, HandshakeLimits? limits = null)
    {
        ParseOutcome outcome = EverySplit.Parse(Encoding.Latin1.GetBytes(text), limits);
        outcome.Status.Should().Be(RequestParseStatus.Refused, "{0} breaks a rule", text);
        outcome.Refusal.StatusCode.Should().Be(statusCode, "the refusal is {0}", outcome.Refusal);
        outcome.Refusal.Reason.Should().NotBeNullOrEmpty().And.NotContainAny("\r", "\n");
        return outcome.Refusal;
    }

    public static UpgradeAcceptance AssertAccepted(this UpgradeText text, UpgradePolicy? policy = null, bool isSecure = false)
    {
        bool accepted = UpgradeNegotiator.TryAccept(
            text.AssertParses(), policy ?? new UpgradePolicy(), isSecure, out UpgradeAcceptance acceptance, out HttpRefusal refusal);
        accepted.Should().BeTrue("{0} is sound ({1})", text, refusal);
        return acceptance;
    }

    public static HttpRefusal AssertRefused(this UpgradeText text, int statusCode, UpgradePolicy? policy = null, bool isSecure = false)
    {
        bool accepted = UpgradeNegotiator.TryAccept(
            text.AssertParses(), policy ?? new UpgradePolicy(), isSecure, out _, out HttpRefusal refusal);
        accepted.Should().BeFalse("{0} is to be refused", text);
        refusal.StatusCode.Should().Be(statusCode, "the refusal is {0}", refusal);
        refusal.Reason.Should().NotBeNullOrEmpty().And.NotContainAny("\r", "\n");
        return refusal;
    }
}
