namespace RawSocketChat.Handshake.Tests;

internal sealed class Refusals_RFC9110_15
{
    [Test]
    public void A_refusal_is_one_line_of_text_and_closes() =>
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(400, "No."))).Should().Be(
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\nConnection: close\r\n"
            + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\nNo.\n");

    [Test]
    public void The_length_is_counted_in_bytes_of_UTF_8() =>
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(503, "Später"))).Should()
            .Contain("\r\nContent-Length: 8\r\n").And.EndWith("\r\n\r\nSpäter\n");

    [Test]
    public void A_405_names_the_method_allowed() =>
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, UpgradeText.Valid.WithStartLine("PUT / HTTP/1.1").AssertRefused(405)))
            .Should().StartWith("HTTP/1.1 405 Method Not Allowed\r\n").And.Contain("\r\nAllow: GET\r\n\r\n");

    [Test]
    public void A_426_names_the_upgrade_and_the_version_and_still_closes() =>
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, UpgradeText.Valid.Without("Sec-WebSocket-Version").AssertRefused(426)))
            .Should().StartWith("HTTP/1.1 426 Upgrade Required\r\n")
            .And.Contain("\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n")
            .And.Contain("\r\nSec-WebSocket-Version: 13\r\n\r\n");

    [Test]
    public void A_redirect_and_an_unknown_status_may_be_told_too()
    {
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(307, "Moved.", "Location", "wss://b/")))
            .Should().StartWith("HTTP/1.1 307 Temporary Redirect\r\n").And.Contain("\r\nLocation: wss://b/\r\n\r\n");
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(499, ""))).Should().StartWith("HTTP/1.1 499 \r\n");
    }

    [Test]
    public void A_refused_HEAD_gets_no_body() =>
        ResponseText.Of(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(405, "No."), headOnly: true))
            .Should().Contain("Content-Length: 4\r\n").And.EndWith("nosniff\r\n\r\n");

    [TestCase(0)]
    [TestCase(101)]
    [TestCase(200)]
    [TestCase(600)]
    public void A_status_that_refuses_nothing_is_a_programmers_error(int statusCode) =>
        ResponseText.AssertWritesNothing<ArgumentOutOfRangeException>(
            o => ResponseWriter.WriteRefusal(o, new HttpRefusal(statusCode, "x")));

    [TestCase("X", "a\r\nb")]
    [TestCase("X", null)]
    [TestCase(null, "a")]
    [TestCase("Connection", "keep-alive")]
    public void A_header_that_would_split_or_bend_the_response_is_a_programmers_error(string? name, string? value) =>
        ResponseText.AssertWritesNothing<ArgumentException>(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(400, "x", name, value)));

    [Test]
    public void A_refusal_without_a_reason_is_a_programmers_error() =>
        ResponseText.AssertWritesNothing<ArgumentException>(o => ResponseWriter.WriteRefusal(o, new HttpRefusal(400, null!)));
}
