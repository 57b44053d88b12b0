using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What one of our ends writes the other accepts, at every split, whatever either is asked for.</summary>
internal sealed class BothEnds_4
{
    private static readonly string[] Hosts = ["server.example.com", "127.0.0.1:8081", "[::1]", "[2001:db8::1]:9001"];
    private static readonly string[] ResourceNames = ["/", "/chat?room=1", "/a%20b/%E4%BD%A0?"];
    private static readonly string[][] SubProtocolLists = [[], ["chat"], ["chat.v2", "chat"]];
    private static readonly DeflatePolicy?[] Deflates = [null, new(), new() { ServerContextTakeover = false, ServerMaxWindowBits = 10, ClientMaxWindowBits = 9 }];

    public static IEnumerable<TestCaseData> Handshakes() =>
        from host in Hosts
        from resourceName in ResourceNames
        from offered in SubProtocolLists
        from deflate in Deflates
        select new TestCaseData(host, resourceName, offered, deflate)
            .SetArgDisplayNames(host, resourceName, string.Join('+', offered), deflate is null ? "plain" : DeflateNegotiator.Offer(deflate));

    [TestCaseSource(nameof(Handshakes))]
    public void A_whole_handshake_comes_to_the_same_at_both_ends(string host, string resourceName, string[] offered, DeflatePolicy? deflate)
    {
        string key = Convert.ToBase64String(Encoding.ASCII.GetBytes(host.PadRight(16, '.')[..16]));
        var offer = new UpgradeOffer
        {
            SubProtocols = offered,
            Deflate = deflate,
            Origin = $"http://{host}",
            Headers = [new("Cookie", "a=b"), new("X-Empty", "")],
        };

        HttpRequest request = Heads.AssertParses(ResponseText.Of(o => RequestWriter.WriteUpgrade(o, host, resourceName, key, offer)));

        request.Target.Should().Be(resourceName);
        request.Header("Host").Should().Be(host);
        request.Header("Cookie").Should().Be("a=b");
        var policy = new UpgradePolicy { SubProtocols = ["chat"] };
        UpgradeNegotiator.TryAccept(request, policy, isSecure: false, out UpgradeAcceptance acceptance, out HttpRefusal refusal)
            .Should().BeTrue("{0}", refusal);
        string? extensions = DeflateNegotiator.Accept(acceptance.ExtensionOffers, new DeflatePolicy(), out DeflateParameters atServer);

        HttpResponseHead response = Answers.AssertReads(ResponseText.Of(o => ResponseWriter.WriteSwitchingProtocols(
            o, acceptance.Accept, acceptance.SubProtocol, extensions, [new("Set-Cookie", "c=d"), new("Set-Cookie", "e=f")])));

        response.HeaderValues("Set-Cookie").Should().Equal("c=d", "e=f");
        UpgradeValidator.TryValidate(response, key, offer, out UpgradeAgreement agreement, out HandshakeViolation violation)
            .Should().BeTrue("{0}", violation);
        agreement.SubProtocol.Should().Be(acceptance.SubProtocol).And.Be(offered.Contains("chat") ? "chat" : null);
        (agreement.Deflate is null).Should().Be(deflate is null);
        agreement.Deflate.GetValueOrDefault(atServer).ServerMaxWindowBits.Should().Be(atServer.ServerMaxWindowBits);
    }

    [Test]
    public void Each_refusal_that_the_server_writes_is_read_with_its_status_and_opens_nothing()
    {
        UpgradeText[] refused =
        [
            UpgradeText.Valid.WithStartLine("PUT / HTTP/1.1"),
            UpgradeText.Valid.Without("Upgrade"),
            UpgradeText.Valid.Without("Connection"),
            UpgradeText.Valid.Replace("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"),
            UpgradeText.Valid.With("Origin: http://elsewhere.example"),
        ];
        foreach (UpgradeText request in refused)
        {
            UpgradeNegotiator.TryAccept(request.AssertParses(), new UpgradePolicy(), isSecure: false, out _, out HttpRefusal refusal).Should().BeFalse();

            AssertRefuses(ResponseText.Of(o => ResponseWriter.WriteRefusal(o, refusal, headOnly: true)), refusal.StatusCode);
        }
    }

    [TestCase(200)]
    [TestCase(204)]
    [TestCase(299)]
    [TestCase(404)]
    [TestCase(599)]
    public void So_is_a_plain_response_and_its_content_is_left(int status)
    {
        var response = HttpResponse.Text(status, "HTTP/1.1 101 Switching Protocols\r\n\r\n", ResponseText.Header("X", ""));
        byte[] whole = Encoding.ASCII.GetBytes(ResponseText.Of(o => ResponseWriter.WriteResponse(o, response)));
        string head = ResponseText.Of(o => ResponseWriter.WriteResponse(o, response, headOnly: true));

        AssertRefuses(head, status);
        EverySplit.ParseResponse(whole).Consumed.Should().Be(head.Length);
    }

    private static void AssertRefuses(string head, int status)
    {
        HttpResponseHead response = Answers.AssertReads(head);

        response.StatusCode.Should().Be(status);
        response.HasToken("Connection", "close").Should().BeTrue();
        UpgradeValidator.TryValidate(response, Answers.Key, new UpgradeOffer(), out _, out HandshakeViolation violation).Should().BeFalse();
        violation.Rule.Should().Be(HandshakeRule.StatusCode);
    }
}
