namespace RawSocketChat.Handshake.Tests;

internal sealed class Host_RFC9112_3_2
{
    [TestCase("example.com")]
    [TestCase("example.com:8081")]
    [TestCase("example.com:")]
    [TestCase("EXAMPLE.com")]
    [TestCase("127.0.0.1:65535")]
    [TestCase("[::1]")]
    [TestCase("[2001:DB8::192.0.2.1]:80")]
    [TestCase("xn--bcher-kva.example")]
    [TestCase("a_b~c.%41")]
    public void A_host_and_an_optional_port_are_taken(string host) =>
        UpgradeText.Valid.Replace("Host", $"Host: {host}").AssertParses().Header("Host").Should().Be(host);

    [TestCase("")]
    [TestCase(":80")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("a?b")]
    [TestCase("a\\b")]
    [TestCase("user@a")]
    [TestCase("a:80:80")]
    [TestCase("a:x")]
    [TestCase("a:-1")]
    [TestCase("a:+1")]
    [TestCase("a:65536")]
    [TestCase("a:000080")]
    [TestCase("::1")]
    [TestCase("[::1")]
    [TestCase("[]")]
    [TestCase("[::g]")]
    [TestCase("[::1]80")]
    [TestCase("a%")]
    [TestCase("a%4")]
    [TestCase("a%4g")]
    [TestCase("http://a")]
    [TestCase("b\u00FCcher.example")]
    public void What_is_no_host_is_refused_with_400(string host) =>
        UpgradeText.Valid.Replace("Host", $"Host: {host}").AssertFailsWith(400);

    [Test]
    public void A_missing_Host_is_refused_with_400() => UpgradeText.Valid.Without("Host").AssertFailsWith(400);

    [TestCase("Host: server.example.com")]
    [TestCase("host: other.example.com")]
    [TestCase("HOST:")]
    public void A_second_Host_is_refused_with_400(string second) => UpgradeText.Valid.With(second).AssertFailsWith(400);

    [Test]
    public void An_absolute_target_does_not_replace_a_missing_Host() =>
        UpgradeText.Valid.WithStartLine("GET http://server.example.com/ HTTP/1.1").Without("Host").AssertFailsWith(400);
}
