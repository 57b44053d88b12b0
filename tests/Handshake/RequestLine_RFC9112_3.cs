namespace RawSocketChat.Handshake.Tests;

internal sealed class RequestLine_RFC9112_3
{
    [Test]
    public void A_request_line_gives_method_target_path_and_query()
    {
        HttpRequest request = UpgradeText.Valid.WithStartLine("GET /chat/a%20b?x=1&y=?2 HTTP/1.1").AssertParses();

        request.Method.Should().Be("GET");
        request.Target.Should().Be("/chat/a%20b?x=1&y=?2");
        request.Path.Should().Be("/chat/a%20b");
        request.Query.Should().Be("x=1&y=?2");
    }

    [TestCase("/", "/", "")]
    [TestCase("/?", "/", "")]
    [TestCase("/?a", "/", "a")]
    [TestCase("//double/slash", "//double/slash", "")]
    [TestCase("/http://x/y?http://z", "/http://x/y", "http://z")]
    [TestCase("http://server.example.com", "/", "")]
    [TestCase("http://server.example.com/", "/", "")]
    [TestCase("http://server.example.com?a=/b", "/", "a=/b")]
    [TestCase("HTTPS://server.example.com:8443/chat?x", "/chat", "x")]
    [TestCase("ws://[::1]:80/chat", "/chat", "")]
    [TestCase("wss://192.0.2.1/chat?", "/chat", "")]
    public void Origin_form_and_absolute_form_are_read(string target, string path, string query)
    {
        HttpRequest request = UpgradeText.Valid.WithStartLine($"GET {target} HTTP/1.1").AssertParses();

        request.Target.Should().Be(target);
        request.Path.Should().Be(path);
        request.Query.Should().Be(query);
    }

    [TestCase("*")]
    [TestCase("server.example.com:80")]
    [TestCase("chat")]
    [TestCase("?x")]
    [TestCase("ftp://server.example.com/")]
    [TestCase("http:/server.example.com/")]
    [TestCase("://server.example.com/")]
    [TestCase("http://")]
    [TestCase("http:///chat")]
    [TestCase("http://:80/chat")]
    [TestCase("http://user@server.example.com/")]
    [TestCase("http://user:secret@server.example.com/")]
    [TestCase("http://server.example.com:port/")]
    [TestCase("http://server.example.com:65536/")]
    [TestCase("http://[::1/")]
    public void Another_form_of_target_is_refused_with_400(string target) =>
        UpgradeText.Valid.WithStartLine($"GET {target} HTTP/1.1").AssertFailsWith(400);

    [TestCase("/chat#top")]
    [TestCase("/#")]
    [TestCase("http://server.example.com#top")]
    public void A_fragment_is_refused_with_400(string target) =>
        UpgradeText.Valid.WithStartLine($"GET {target} HTTP/1.1").AssertFailsWith(400);

    [TestCase("/ch\0at")]
    [TestCase("/ch\tat")]
    [TestCase("/ch\u007Fat")]
    [TestCase("/ch\u00E4t")]
    [TestCase("/ch\rat")]
    [TestCase("/ch\nat")]
    public void A_target_with_a_control_or_beyond_ASCII_is_refused_with_400(string target) =>
        UpgradeText.Valid.WithStartLine($"GET {target} HTTP/1.1").AssertFailsWith(400);

    [TestCase("get", "get")]
    [TestCase("POST", "POST")]
    [TestCase("M-SEARCH", "M-SEARCH")]
    [TestCase("!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ")]
    public void Any_token_is_a_method_in_its_own_case(string method, string expected) =>
        UpgradeText.Valid.WithStartLine($"{method} / HTTP/1.1").AssertParses().Method.Should().Be(expected);

    [TestCase("")]
    [TestCase("G(T")]
    [TestCase("G\0T")]
    [TestCase("\u0016\u0003\u0001")]
    [TestCase("G\u00C4T")]
    [TestCase("GET\t")]
    public void A_method_that_is_no_token_is_refused_with_400(string method) =>
        UpgradeText.Valid.WithStartLine($"{method} / HTTP/1.1").AssertFailsWith(400);

    [TestCase("GET  / HTTP/1.1")]
    [TestCase("GET /  HTTP/1.1")]
    [TestCase("GET / HTTP/1.1 ")]
    [TestCase(" GET / HTTP/1.1")]
    [TestCase("GET\t/\tHTTP/1.1")]
    [TestCase("GET / x HTTP/1.1")]
    [TestCase("GET /")]
    [TestCase("GET / ")]
    [TestCase("GET")]
    public void Anything_but_one_space_between_three_parts_is_refused_with_400(string line) =>
        UpgradeText.Valid.WithStartLine(line).AssertFailsWith(400);

    [TestCase("HTTP/1.0")]
    [TestCase("http/1.1")]
    [TestCase("HTTP/1")]
    [TestCase("HTTP/1.")]
    [TestCase("HTTP/1.11")]
    [TestCase("HTTP/01.1")]
    [TestCase("HTTP/1,1")]
    [TestCase("HTTP/1.x")]
    [TestCase("HTTP/x.1")]
    [TestCase("HTTPS/1.1")]
    [TestCase("HTTP 1.1")]
    [TestCase("WS/13.0x")]
    [TestCase("HTTP/1.1\0")]
    public void HTTP_1_0_and_what_is_no_version_are_refused_with_400(string version) =>
        UpgradeText.Valid.WithStartLine($"GET / {version}").AssertFailsWith(400);

    [TestCase("HTTP/0.9")]
    [TestCase("HTTP/2.0")]
    [TestCase("HTTP/3.1")]
    public void Another_major_version_is_refused_with_505(string version) =>
        UpgradeText.Valid.WithStartLine($"GET / {version}").AssertFailsWith(505);

    [Test]
    public void A_higher_minor_version_is_read_as_HTTP_1_1() =>
        UpgradeText.Valid.WithStartLine("GET / HTTP/1.2").AssertAccepted();

    [Test]
    public void One_empty_line_before_the_request_line_is_ignored() =>
        Heads.AssertParses("\r\n" + UpgradeText.Valid).Path.Should().Be("/chat");

    [TestCase("\r\n\r\n")]
    [TestCase("\n")]
    [TestCase("\r")]
    [TestCase("\r\r\n")]
    public void More_or_less_than_an_empty_line_before_the_request_line_is_refused_with_400(string before) =>
        Heads.AssertFailsWith(before + UpgradeText.Valid, 400);

    [Test]
    public void A_bare_LF_behind_the_request_line_is_refused_with_400() =>
        Heads.AssertFailsWith("GET / HTTP/1.1\nHost: a\r\n\r\n", 400);

    [Test]
    public void A_bare_CR_behind_the_request_line_is_refused_with_400() =>
        Heads.AssertFailsWith("GET / HTTP/1.1\rHost: a\r\n\r\n", 400);
}
