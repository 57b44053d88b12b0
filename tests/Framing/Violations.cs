using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Violations
{
    private static readonly ProtocolViolation[] All =
    [
        ..
        from field in typeof(ProtocolViolation).GetFields(BindingFlags.Public | BindingFlags.Static)
        select (ProtocolViolation)field.GetValue(null)!,
    ];

    [TestCaseSource(nameof(All))]
    public void Its_rule_is_fit_for_the_reason_of_a_close_frame(ProtocolViolation violation)
    {
        var destination = new byte[FrameHeader.MaxControlPayload];

        var written = ClosePayload.Write(destination, violation.CloseStatus, violation.Rule);

        violation.Rule.Should().NotBeNullOrWhiteSpace();
        violation.Rule.Length.Should().BeLessThanOrEqualTo(100);
        Ascii.IsValid(violation.Rule).Should().BeTrue();
        new ReceivedCloseBody(destination[..written]).ShouldBeRead((int)violation.CloseStatus, violation.Rule);
    }

    [TestCaseSource(nameof(All))]
    public void It_names_a_clause_that_stands_in_its_text(ProtocolViolation violation)
    {
        Regex.IsMatch(violation.Clause, @"^[5-8](\.\d)+$").Should().BeTrue();
        violation.ToString().Should().Be($"{violation.Rule} (RFC {violation.Rfc} §{violation.Clause})");
    }

    [Test]
    public void Each_says_something_of_its_own() => All.Select(violation => violation.Rule).Should().OnlyHaveUniqueItems();

    [Test]
    public void Each_is_answered_with_the_close_status_that_7_4_1_names() =>
        All.ToDictionary(violation => violation.Rule, violation => (int)violation.CloseStatus)
            .Where(pair => pair.Value != 1002)
            .Should().BeEquivalentTo(new Dictionary<string, int>
            {
                [ProtocolViolation.InvalidUtf8.Rule] = 1007,
                [ProtocolViolation.InvalidCloseReason.Rule] = 1007,
                [ProtocolViolation.InvalidCompression.Rule] = 1007,
                [ProtocolViolation.TooManyFragments.Rule] = 1008,
                [ProtocolViolation.MessageTooBig.Rule] = 1009,
            });
}
