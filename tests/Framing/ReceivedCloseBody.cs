namespace RawSocketChat.Framing.Tests;

/// <summary>The payload of a close frame as it was received, unmasked.</summary>
internal sealed class ReceivedCloseBody(params byte[] bytes)
{
    public void ShouldBeRead(int expectedStatus, string expectedReason)
    {
        var violation = ClosePayload.Read(bytes, out var status, out var reason);
        if (violation is not null || (int)status != expectedStatus || reason != expectedReason)
        {
            Assert.Fail($"{Convert.ToHexString(bytes)}: {violation}, {(int)status}, '{reason}'");
        }
    }

    /// <summary>The rule is told, and neither a status nor a reason of the peer's gets out.</summary>
    public void ShouldFailWith(ProtocolViolation rule, int closeStatus)
    {
        var violation = ClosePayload.Read(bytes, out var status, out var reason);
        if (!ReferenceEquals(violation, rule) || (int)rule.CloseStatus != closeStatus || (int)status != 1005 || reason.Length > 0)
        {
            Assert.Fail($"{Convert.ToHexString(bytes)}: {violation}, {(int)status}, '{reason}'");
        }
    }
}
