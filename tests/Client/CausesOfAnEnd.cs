using System.Net.WebSockets;
using System.Security.Authentication;

namespace RawSocketChat.Client.Tests;

/// <summary>After which ends there is no other attempt.</summary>
internal sealed class CausesOfAnEnd
{
    [TestCase(1000, CloseInitiator.Local, true)]
    [TestCase(1001, CloseInitiator.Local, true)]
    [TestCase(4000, CloseInitiator.Local, true)]
    [TestCase(1000, CloseInitiator.Remote, false)]
    [TestCase(1001, CloseInitiator.Remote, false)]
    [TestCase(1005, CloseInitiator.Remote, false)]
    [TestCase(1011, CloseInitiator.Remote, false)]
    [TestCase(1012, CloseInitiator.Remote, false)]
    [TestCase(1013, CloseInitiator.Remote, false)]
    [TestCase(1014, CloseInitiator.Remote, false)]
    [TestCase(3000, CloseInitiator.Remote, false)]
    [TestCase(4999, CloseInitiator.Remote, false)]
    [TestCase(1002, CloseInitiator.Remote, true)]
    [TestCase(1003, CloseInitiator.Remote, true)]
    [TestCase(1007, CloseInitiator.Remote, true)]
    [TestCase(1008, CloseInitiator.Remote, true)]
    [TestCase(1009, CloseInitiator.Remote, true)]
    [TestCase(1010, CloseInitiator.Remote, true)]
    public void A_closing_handshake_is_judged_by_its_status_and_by_who_began_it(int status, CloseInitiator initiator, bool isFinal) =>
        Closed(CloseCause.ClosingHandshake, initiator, (WebSocketCloseStatus)status).IsFinal.Should().Be(isFinal);

    [TestCase(CloseCause.ConnectionLost, CloseInitiator.Remote, false)]
    [TestCase(CloseCause.KeepAliveTimeout, CloseInitiator.Local, false)]
    [TestCase(CloseCause.Aborted, CloseInitiator.Local, false)]
    [TestCase(CloseCause.CloseTimeout, CloseInitiator.Local, true)]
    public void An_end_without_a_status_is_judged_by_its_cause(CloseCause cause, CloseInitiator initiator, bool isFinal) =>
        Closed(cause, initiator, null).IsFinal.Should().Be(isFinal);

    [Test]
    public void A_peer_that_breaks_the_protocol_would_do_so_again() =>
        Closed(CloseCause.ProtocolViolation, CloseInitiator.Local, WebSocketCloseStatus.ProtocolError).IsFinal.Should().BeTrue();

    [TestCase(200, true)]
    [TestCase(302, true)]
    [TestCase(400, true)]
    [TestCase(401, true)]
    [TestCase(403, true)]
    [TestCase(404, true)]
    [TestCase(426, true)]
    [TestCase(408, false)]
    [TestCase(425, false)]
    [TestCase(429, false)]
    [TestCase(500, false)]
    [TestCase(502, false)]
    [TestCase(503, false)]
    [TestCase(504, false)]
    public void A_refusal_is_judged_by_its_status(int status, bool isFinal) =>
        new ReconnectCause(null, new WebSocketHandshakeException(WebSocketHandshakeFault.RefusedStatus, "") { StatusCode = status })
            .IsFinal.Should().Be(isFinal);

    [TestCase(WebSocketHandshakeFault.NameResolution, false)]
    [TestCase(WebSocketHandshakeFault.Connect, false)]
    [TestCase(WebSocketHandshakeFault.Proxy, false)]
    [TestCase(WebSocketHandshakeFault.ProxyAuthentication, true)]
    [TestCase(WebSocketHandshakeFault.Tls, false)]
    [TestCase(WebSocketHandshakeFault.Timeout, false)]
    [TestCase(WebSocketHandshakeFault.ConnectionLost, false)]
    [TestCase(WebSocketHandshakeFault.HeadTooLarge, true)]
    [TestCase(WebSocketHandshakeFault.MalformedResponse, true)]
    [TestCase(WebSocketHandshakeFault.UpgradeHeaders, true)]
    [TestCase(WebSocketHandshakeFault.AcceptKey, true)]
    [TestCase(WebSocketHandshakeFault.Extension, true)]
    [TestCase(WebSocketHandshakeFault.SubProtocol, true)]
    public void A_failed_attempt_is_judged_by_its_fault(WebSocketHandshakeFault fault, bool isFinal) =>
        new ReconnectCause(null, new WebSocketHandshakeException(fault, "")).IsFinal.Should().Be(isFinal);

    [Test]
    public void A_certificate_that_is_not_trusted_is_not_trusted_the_next_time_either() =>
        new ReconnectCause(null, new WebSocketHandshakeException(WebSocketHandshakeFault.Tls, "", new AuthenticationException()))
            .IsFinal.Should().BeTrue();

    [Test]
    public void An_error_of_the_program_is_final_and_other_failures_of_a_hook_are_not()
    {
        new ReconnectCause(null, new ArgumentException("wrong")).IsFinal.Should().BeTrue();
        new ReconnectCause(null, new TimeoutException()).IsFinal.Should().BeFalse();
    }

    private static ReconnectCause Closed(CloseCause cause, CloseInitiator initiator, WebSocketCloseStatus? status) =>
        new(new(cause, initiator, status, "", null), null);
}
