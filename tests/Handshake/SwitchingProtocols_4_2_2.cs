namespace RawSocketChat.Handshake.Tests;

internal sealed class SwitchingProtocols_4_2_2
{
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    [Test]
    public void The_response_has_the_four_required_parts() =>
        ResponseText.Of(o => ResponseWriter.WriteSwitchingProtocols(o, Accept)).Should().Be(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");

    [Test]
    public void Subprotocol_extensions_and_headers_follow_when_given() =>
        ResponseText.Of(o => ResponseWriter.WriteSwitchingProtocols(
            o, Accept, "chat", "foo; x=1", [ResponseText.Header("Set-Cookie", "a=b"), ResponseText.Header("X-Y", "")])).Should().EndWith(
            "+xOo=\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: foo; x=1\r\nSet-Cookie: a=b\r\nX-Y: \r\n\r\n");

    [TestCase("X-Y", "a\r\nEvil: b")]
    [TestCase("X-Y", "a\n")]
    [TestCase("X-Y", "\r")]
    [TestCase("X-Y", "\0")]
    [TestCase("X-Y", "\u00E4")]
    [TestCase("X-Y", null)]
    [TestCase("X-Y\r\n", "a")]
    [TestCase("X Y", "a")]
    [TestCase("X-Y:", "a")]
    [TestCase("", "a")]
    [TestCase(null, "a")]
    public void A_header_that_would_split_the_response_is_a_programmers_error(string? name, string? value) =>
        ResponseText.AssertWritesNothing<ArgumentException>(
            o => ResponseWriter.WriteSwitchingProtocols(o, Accept, headers: [ResponseText.Header(name!, value!)]));

    [TestCase("Connection")]
    [TestCase("UPGRADE")]
    [TestCase("content-length")]
    [TestCase("Transfer-Encoding")]
    [TestCase("Sec-WebSocket-Accept")]
    [TestCase("sec-websocket-protocol")]
    [TestCase("Sec-WebSocket-Extensions")]
    public void A_header_that_the_library_writes_is_a_programmers_error(string name) =>
        ResponseText.AssertWritesNothing<ArgumentException>(
            o => ResponseWriter.WriteSwitchingProtocols(o, Accept, headers: [ResponseText.Header(name, "x")]));

    [TestCase("")]
    [TestCase("a, b")]
    [TestCase("a\r\nb")]
    public void A_subprotocol_that_is_no_token_is_a_programmers_error(string subProtocol) =>
        ResponseText.AssertWritesNothing<ArgumentException>(o => ResponseWriter.WriteSwitchingProtocols(o, Accept, subProtocol));

    [TestCase("")]
    [TestCase("a\r\nb")]
    public void Extensions_that_would_split_the_response_are_a_programmers_error(string extensions) =>
        ResponseText.AssertWritesNothing<ArgumentException>(o => ResponseWriter.WriteSwitchingProtocols(o, Accept, null, extensions));

    [TestCase("")]
    [TestCase("short")]
    [TestCase("s3pPLMBiTxaQ9kYGzzhZRbK+xO\r\n")]
    [TestCase(null)]
    public void An_accept_value_of_another_shape_is_a_programmers_error(string? accept) =>
        ResponseText.AssertWritesNothing<ArgumentException>(o => ResponseWriter.WriteSwitchingProtocols(o, accept!));
}
