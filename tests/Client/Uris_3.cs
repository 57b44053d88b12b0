namespace RawSocketChat.Client.Tests;

internal sealed class Uris_3
{
    [TestCase("ws://example.com", false, "example.com", 80, "example.com", "/")]
    [TestCase("ws://example.com/chat?x=1", false, "example.com", 80, "example.com", "/chat?x=1")]
    [TestCase("ws://example.com:80/", false, "example.com", 80, "example.com", "/")]
    [TestCase("ws://example.com:8080/", false, "example.com", 8080, "example.com:8080", "/")]
    [TestCase("wss://example.com/", true, "example.com", 443, "example.com", "/")]
    [TestCase("wss://example.com:80/", true, "example.com", 80, "example.com:80", "/")]
    [TestCase("http://example.com/a%20b", false, "example.com", 80, "example.com", "/a%20b")]
    [TestCase("https://example.com/?q", true, "example.com", 443, "example.com", "/?q")]
    [TestCase("https://example.com:8443/", true, "example.com", 8443, "example.com:8443", "/")]
    [TestCase("ws://[::1]:9001/", false, "::1", 9001, "[::1]:9001", "/")]
    [TestCase("WS://EXAMPLE.com/%E4%BD%A0", false, "example.com", 80, "example.com", "/%E4%BD%A0")]
    [TestCase("ws://bücher.example/ä", false, "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/%C3%A4")]
    public void A_WebSocket_URI_is_taken_apart(string uri, bool isSecure, string host, int port, string authority, string resource)
    {
        var target = ClientTarget.Of(new(uri));

        target.IsSecure.Should().Be(isSecure);
        target.Host.Should().Be(host);
        target.Port.Should().Be(port);
        target.Authority.Should().Be(authority);
        target.ResourceName.Should().Be(resource);
        target.Uri.Scheme.Should().Be(isSecure ? "wss" : "ws");
        target.CookieUri.Scheme.Should().Be(isSecure ? "https" : "http");
        target.CookieUri.Port.Should().Be(port);
    }

    [Test]
    public void A_zone_is_for_the_socket_and_for_nobody_else()
    {
        var target = ClientTarget.Of(new("ws://[fe80::1%25lo]:81/"));

        target.Host.Should().StartWith("fe80::1%");
        target.Authority.Should().Be("[fe80::1]:81");
        target.CertificateName.Should().Be("fe80::1");
    }

    [TestCase("ftp://example.com/", "scheme")]
    [TestCase("file:///etc/hosts", "scheme")]
    [TestCase("ws://user@example.com/", "user")]
    [TestCase("ws://user:secret@example.com/", "user")]
    [TestCase("ws://example.com/#part", "fragment")]
    [TestCase("ws://example.com/#", "fragment")]
    [TestCase("/chat", "absolute")]
    public async Task What_is_no_WebSocket_URI_is_refused_before_anything_is_sent(string uri, string why)
    {
        var connect = () => WebSocketClient.ConnectAsync(new(uri, UriKind.RelativeOrAbsolute));

        (await connect.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain(why);
    }

    // A Uri may hold what it was given: what would end the request line must not get there.
    [TestCase("ws://example.com/a\r\nX: y")]
    [TestCase("ws://example.com/a b")]
    [TestCase("wss://example.com/?a\tb")]
    [TestCase("ws://example.com/\u00E4")]
    [TestCase("ws://example.com/a#b")]
    public async Task So_is_one_that_would_split_the_request(string uri)
    {
        var raw = new Uri(uri, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var connect = () => WebSocketClient.ConnectAsync(raw);

        (await connect.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain("percent-encoded");
    }

    [TestCase("wss://example.com:444/chat/a%20b?token=secret", "wss://example.com:444/chat/a%20b")]
    [TestCase("ws://example.com", "ws://example.com/")]
    public void A_log_has_no_query(string uri, string place) => Log.Place(new(uri)).Should().Be(place);
}
