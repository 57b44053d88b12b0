namespace RawSocketChat.Handshake.Tests;

/// <summary>What a client's request must say, item by item.</summary>
internal sealed class ClientRequest_4_1
{
    private const string Key = Answers.Key;

    [Test]
    public void The_request_has_the_required_parts_and_no_more() =>
        Write().Should().Be(
            "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    [Test]
    public void Origin_subprotocols_extensions_and_headers_follow_when_given() =>
        Write(offer: new UpgradeOffer
        {
            Origin = "https://example.com",
            SubProtocols = ["chat.v2", "chat"],
            Deflate = new DeflatePolicy(),
            Headers = [new("Authorization", "Basic eDp5"), new("Cookie", "a=b; c=d"), new("X-Y", "")],
        }).Should().EndWith(
            "Version: 13\r\nOrigin: https://example.com\r\nSec-WebSocket-Protocol: chat.v2, chat\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
            + "Authorization: Basic eDp5\r\nCookie: a=b; c=d\r\nX-Y: \r\n\r\n");

    [TestCase(null)]
    [TestCase("")]
    public void Without_an_origin_there_is_no_such_field(string? origin) =>
        Write(offer: new UpgradeOffer { Origin = origin }).Should().NotContain("Origin");

    [TestCase("/")]
    [TestCase("/a%20b/c;d?x=1&y=?/")]
    [TestCase("/?")]
    [TestCase("//a")]
    public void A_resource_name_is_written_as_it_is(string resourceName) =>
        Write(resourceName: resourceName).Should().StartWith($"GET {resourceName} HTTP/1.1\r\n");

    [TestCase("")]
    [TestCase(null)]
    [TestCase("chat")]
    [TestCase("*")]
    [TestCase("?x")]
    [TestCase("http://server.example.com/chat")]
    [TestCase("/a b")]
    [TestCase("/a\r\nX: y")]
    [TestCase("/a\tb")]
    [TestCase("/a\0b")]
    [TestCase("/#a")]
    [TestCase("/\u00E4")]
    [TestCase("/\u20AC")]
    public void Another_resource_name_is_a_programmers_error(string? resourceName) => AssertRefused("resourceName", resourceName: resourceName!);

    [TestCase("server.example.com:8080")]
    [TestCase("127.0.0.1")]
    [TestCase("[::1]")]
    [TestCase("[2001:db8::1]:443")]
    public void A_host_may_have_a_port(string host) => Write(host: host).Should().Contain($"\r\nHost: {host}\r\n");

    [TestCase("")]
    [TestCase(null)]
    [TestCase("a b")]
    [TestCase("a\r\nX: y")]
    [TestCase("user@a")]
    [TestCase("a:b")]
    [TestCase("a:65536")]
    [TestCase("::1")]
    [TestCase("[fe80::1%lo]")]
    [TestCase("b\u00FCcher.example")]
    public void Another_host_is_a_programmers_error(string? host) => AssertRefused("host", host: host!);

    [TestCase("AQIDBAUGBwgJCgsMDQ4PEC==", Description = "the example of §4.1, whose spare bits are not zero")]
    [TestCase("//////////++++++++++zw==")]
    public void A_key_is_written_as_it_is(string key) => Write(key: key).Should().Contain($"\r\nSec-WebSocket-Key: {key}\r\n");

    [TestCase("")]
    [TestCase(null)]
    [TestCase("dGhlIHNhbXBsZSBub25jZQ")]
    [TestCase("dGhlIHNhbXBsZSBub25jZQAA")]
    [TestCase("dGhlIHNhbXBsZSBub25j\r\n==")]
    [TestCase("dGhlIHNhbXBsZSBub25jZ\u00E4==")]
    public void Another_key_is_a_programmers_error(string? key) => AssertRefused("key", key: key!);

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a,b")]
    [TestCase("a\r\nb")]
    [TestCase("\u00E4")]
    [TestCase(null)]
    public void An_offer_takes_tokens_for_subprotocols(string? subProtocol)
    {
        Func<UpgradeOffer> make = () => new UpgradeOffer { SubProtocols = [subProtocol!] };

        make.Should().Throw<ArgumentException>().WithParameterName(nameof(UpgradeOffer.SubProtocols));
    }

    [Test]
    public void An_offer_names_no_subprotocol_twice()
    {
        Func<UpgradeOffer> make = () => new UpgradeOffer { SubProtocols = ["a", "b", "a"] };

        make.Should().Throw<ArgumentException>().WithMessage("*\"a\"*twice*");
    }

    [TestCase("X-Y", "a\r\nEvil: b")]
    [TestCase("X-Y", "a\n")]
    [TestCase("X-Y", "\0")]
    [TestCase("X-Y", "\u00E4")]
    [TestCase("X-Y", null)]
    [TestCase("X Y", "a")]
    [TestCase("X-Y:", "a")]
    [TestCase("X\r\n", "a")]
    [TestCase("", "a")]
    [TestCase(null, "a")]
    [TestCase("Connection", "x")]
    [TestCase("UPGRADE", "x")]
    [TestCase("host", "x")]
    [TestCase("Origin", "x")]
    [TestCase("content-length", "0")]
    [TestCase("Transfer-Encoding", "x")]
    [TestCase("Sec-WebSocket-Accept", "x")]
    [TestCase("Sec-WebSocket-Extensions", "x")]
    [TestCase("Sec-WebSocket-Key", "x")]
    [TestCase("Sec-WebSocket-Protocol", "x")]
    [TestCase("sec-websocket-version", "13")]
    public void An_offer_takes_no_header_that_splits_the_request_or_that_the_library_writes(string? name, string? value)
    {
        Func<UpgradeOffer> make = () => new UpgradeOffer { Headers = [new(name!, value!)] };

        make.Should().Throw<ArgumentException>().WithParameterName(nameof(UpgradeOffer.Headers));
    }

    [TestCase("a\r\nb")]
    [TestCase("\u00E4")]
    public void An_offer_takes_an_origin_of_printable_ASCII(string origin)
    {
        Func<UpgradeOffer> make = () => new UpgradeOffer { Origin = origin };

        make.Should().Throw<ArgumentException>().WithParameterName(nameof(UpgradeOffer.Origin));
    }

    [Test]
    public void An_offer_keeps_copies_of_its_lists()
    {
        string[] subProtocols = ["a"];
        KeyValuePair<string, string>[] headers = [new("X", "1")];
        var offer = new UpgradeOffer { SubProtocols = subProtocols, Headers = headers };

        (subProtocols[0], headers[0]) = ("b", new("Y", "2"));

        Write(offer: offer).Should().EndWith("Sec-WebSocket-Protocol: a\r\nX: 1\r\n\r\n");
    }

    private static string Write(
        string host = "server.example.com", string resourceName = "/chat", string key = Key, UpgradeOffer? offer = null) =>
        ResponseText.Of(o => RequestWriter.WriteUpgrade(o, host, resourceName, key, offer ?? new UpgradeOffer()));

    private static void AssertRefused(
        string parameterName, string host = "server.example.com", string resourceName = "/chat", string key = Key)
    {
        var write = () => Write(host, resourceName, key);

        write.Should().Throw<ArgumentException>().WithParameterName(parameterName);
        ResponseText.AssertWritesNothing<ArgumentException>(o => RequestWriter.WriteUpgrade(o, host, resourceName, key, new UpgradeOffer()));
    }
}
