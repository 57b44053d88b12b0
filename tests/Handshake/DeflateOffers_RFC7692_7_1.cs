using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

internal sealed class DeflateOffers_RFC7692_7_1
{
    private static readonly DeflatePolicy Generous = new();
    private static readonly DeflatePolicy Thrifty = new() { ServerContextTakeover = false, ClientContextTakeover = false };
    private static readonly DeflatePolicy Narrow = new() { ServerMaxWindowBits = 11, ClientMaxWindowBits = 12 };

    private static readonly string?[] Flags = [null, ""];
    private static readonly string?[] BitValues = [null, "", "=8", "=9", "=10", "=11", "=12", "=13", "=14", "=15"];

    [TestCase("permessage-deflate", "permessage-deflate")]
    [TestCase("Permessage-Deflate", "permessage-deflate")]
    [TestCase("permessage-deflate; client_max_window_bits", "permessage-deflate")]
    [TestCase("permessage-deflate; client_max_window_bits=15", "permessage-deflate")]
    [TestCase("permessage-deflate; client_max_window_bits=9", "permessage-deflate; client_max_window_bits=9")]
    [TestCase("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8")]
    [TestCase("permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8")]
    [TestCase("permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=15")]
    [TestCase("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover")]
    [TestCase("permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover")]
    [TestCase("foo, permessage-deflate; x, permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10")]
    [TestCase("permessage-deflate; server_max_window_bits=7, permessage-deflate", "permessage-deflate")]
    [TestCase("permessage-deflate; server_max_window_bits=, permessage-deflate", "permessage-deflate")]
    [TestCase("permessage-deflate; server_max_window_bits=10, permessage-deflate", "permessage-deflate; server_max_window_bits=10")]
    public void The_first_offer_that_is_sound_is_accepted(string offer, string expected) => Accept(offer, Generous).Should().Be(expected);

    [TestCase("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [TestCase("permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    public void A_server_may_ask_for_no_context_takeover_by_itself(string offer, string expected) => Accept(offer, Thrifty).Should().Be(expected);

    [TestCase("permessage-deflate", "permessage-deflate; client_no_context_takeover; server_max_window_bits=11")]
    [TestCase("permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits=11; client_max_window_bits=12")]
    [TestCase("permessage-deflate; client_max_window_bits=14; server_max_window_bits=14", "permessage-deflate; server_max_window_bits=11; client_max_window_bits=12")]
    [TestCase("permessage-deflate; client_max_window_bits=10; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10")]
    public void A_server_asks_for_the_smaller_windows(string offer, string expected) => Accept(offer, Narrow).Should().Be(expected);

    [TestCase("foo")]
    [TestCase("permessage-deflat")]
    [TestCase("x-webkit-deflate-frame")]
    [TestCase("permessage-deflate; server_max_window_bits")]
    [TestCase("permessage-deflate; server_max_window_bits=7")]
    [TestCase("permessage-deflate; server_max_window_bits=16")]
    [TestCase("permessage-deflate; server_max_window_bits=08")]
    [TestCase("permessage-deflate; server_max_window_bits=+9")]
    [TestCase("permessage-deflate; server_max_window_bits=-9")]
    [TestCase("permessage-deflate; server_max_window_bits=9.0")]
    [TestCase("permessage-deflate; server_max_window_bits=0x9")]
    [TestCase("permessage-deflate; server_max_window_bits=999999999999")]
    [TestCase("permessage-deflate; server_max_window_bits=")]
    [TestCase("permessage-deflate; server_max_window_bits=\"\"")]
    [TestCase("permessage-deflate; server_max_window_bits=\"10\"")]
    [TestCase("permessage-deflate; server_max_window_bits=10 11")]
    [TestCase("permessage-deflate; client_max_window_bits=7")]
    [TestCase("permessage-deflate; client_max_window_bits=16")]
    [TestCase("permessage-deflate; client_max_window_bits=08")]
    [TestCase("permessage-deflate; client_max_window_bits=")]
    [TestCase("permessage-deflate; client_max_window_bits=\"10\"")]
    [TestCase("permessage-deflate; server_no_context_takeover=1")]
    [TestCase("permessage-deflate; server_no_context_takeover=")]
    [TestCase("permessage-deflate; client_no_context_takeover=true")]
    [TestCase("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [TestCase("permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [TestCase("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10")]
    [TestCase("permessage-deflate; client_max_window_bits; client_max_window_bits=10")]
    [TestCase("permessage-deflate; mux")]
    [TestCase("permessage-deflate; Server_No_Context_Takeover")]
    public void What_is_not_sound_is_declined_and_the_connection_does_without(string offer) => Accept(offer, Generous).Should().BeNull();

    [Test]
    public void Offers_in_several_fields_are_one_list()
    {
        var acceptance = UpgradeText.Valid
            .With("Sec-WebSocket-Extensions: permessage-deflate; x", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12")
            .AssertAccepted();

        DeflateNegotiator.Accept(acceptance.ExtensionOffers, Generous, out _).Should().Be("permessage-deflate; server_max_window_bits=12");
    }

    [Test]
    public void Every_combination_of_parameters_is_answered_as_the_RFC_allows_by_every_policy()
    {
        var accepted = 0;
        foreach (var policy in (DeflatePolicy[])[Generous, Thrifty, Narrow, new() { ServerMaxWindowBits = 8, ClientMaxWindowBits = 8 }])
        {
            foreach (var server in Flags)
            {
                foreach (var client in Flags)
                {
                    foreach (var serverBits in BitValues)
                    {
                        foreach (var clientBits in BitValues)
                        {
                            accepted += Check(policy, server, client, serverBits, clientBits) ? 1 : 0;
                        }
                    }
                }
            }
        }

        accepted.Should().Be(4 * 2 * 2 * (BitValues.Length - 1) * BitValues.Length, "only server_max_window_bits without a value is declined");
    }

    // The RFC's rules once more, in other words.
    private static bool Check(DeflatePolicy policy, string? server, string? client, string? serverBits, string? clientBits)
    {
        var offer = "permessage-deflate"
            + (server is null ? "" : "; server_no_context_takeover") + (client is null ? "" : "; client_no_context_takeover")
            + (serverBits is null ? "" : $"; server_max_window_bits{serverBits}") + (clientBits is null ? "" : $"; client_max_window_bits{clientBits}");
        var answer = Accept(offer, policy, out var agreed);
        if (answer is null)
        {
            return false;
        }

        var told = answer.Split("; ")[1..].Select(each => each.Split('=')).ToDictionary(each => each[0], each => each.Length > 1 ? int.Parse(each[1]) : 0);
        (server is null || told.ContainsKey("server_no_context_takeover")).Should().BeTrue(offer);
        (clientBits is not null || !told.ContainsKey("client_max_window_bits")).Should().BeTrue(offer);
        var offeredServer = serverBits is ['=', .. var s] ? int.Parse(s) : 15;
        var offeredClient = clientBits is ['=', .. var c] ? int.Parse(c) : 15;
        (serverBits is null || told["server_max_window_bits"] <= offeredServer).Should().BeTrue(offer);
        told.GetValueOrDefault("client_max_window_bits", 15).Should().BeLessThanOrEqualTo(clientBits is null ? 15 : Math.Max(offeredClient, 8));

        agreed.ServerMaxWindowBits.Should().Be(told.GetValueOrDefault("server_max_window_bits", 15)).And.BeLessThanOrEqualTo(policy.ServerMaxWindowBits);
        agreed.ServerNoContextTakeover.Should().Be(told.ContainsKey("server_no_context_takeover"));
        (agreed.ServerNoContextTakeover || policy.ServerContextTakeover).Should().BeTrue();

        // What the client keeps to is what it was told, or less, as it has said itself.
        agreed.ClientNoContextTakeover.Should().Be(told.ContainsKey("client_no_context_takeover"));
        agreed.ClientMaxWindowBits.Should().Be(told.GetValueOrDefault("client_max_window_bits", 15));
        (agreed.ClientMaxWindowBits <= policy.ClientMaxWindowBits || agreed.ClientNoContextTakeover).Should().BeTrue("what is held between messages is bounded");
        return true;
    }

    [TestCase("permessage-deflate; client_max_window_bits", true, true, 15, 15)]
    [TestCase("permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits", false, false, 15, 15)]
    [TestCase("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", true, true, 10, 9)]
    public void A_client_offers_what_it_allows(string expected, bool serverTakeover, bool clientTakeover, int serverBits, int clientBits) =>
        DeflateNegotiator.Offer(Policy(serverTakeover, clientTakeover, serverBits, clientBits)).Should().Be(expected);

    [TestCase("permessage-deflate", false, false, 15, 15)]
    [TestCase("permessage-deflate; server_no_context_takeover; client_no_context_takeover", true, true, 15, 15)]
    [TestCase("permessage-deflate; server_max_window_bits=9; client_max_window_bits=8", false, false, 9, 8)]
    public void A_server_s_sound_answer_is_what_is_agreed_on(string answer, bool serverNo, bool clientNo, int serverBits, int clientBits)
    {
        TryReadAnswer(answer, Generous, out var agreed).Should().BeTrue();
        agreed.Should().Be(new DeflateParameters(serverNo, clientNo, serverBits, clientBits));
    }

    [TestCase("foo")]
    [TestCase("permessage-deflate, permessage-deflate")]
    [TestCase("permessage-deflate, foo")]
    [TestCase("permessage-deflate; client_max_window_bits")]
    [TestCase("permessage-deflate; server_max_window_bits")]
    [TestCase("permessage-deflate; server_max_window_bits=16")]
    [TestCase("permessage-deflate; client_max_window_bits=7")]
    [TestCase("permessage-deflate; server_no_context_takeover=0")]
    [TestCase("permessage-deflate; foo")]
    [TestCase("permessage-deflate; client_max_window_bits=10; client_max_window_bits=10")]
    [TestCase("permessage-deflate;")]
    [TestCase("permessage deflate")]
    [TestCase("=")]
    public void Any_other_answer_fails_the_connection(string answer) => TryReadAnswer(answer, Generous, out _).Should().BeFalse();

    [TestCase("permessage-deflate")]
    [TestCase("permessage-deflate; server_max_window_bits=11")]
    [TestCase("permessage-deflate; server_no_context_takeover; server_max_window_bits=12")]
    public void An_answer_that_grants_less_than_was_asked_for_fails_the_connection(string answer) =>
        TryReadAnswer(answer, Policy(serverTakeover: false, clientTakeover: true, serverBits: 11, clientBits: 15), out _).Should().BeFalse();

    [Test]
    public void An_extension_that_was_not_offered_fails_the_connection_and_none_is_fine()
    {
        TryReadAnswer("permessage-deflate", null, out _).Should().BeFalse();
        DeflateNegotiator.TryReadAnswer([], null, out var none).Should().BeTrue();
        none.Should().BeNull();
        DeflateNegotiator.TryReadAnswer([], Generous, out none).Should().BeTrue();
        none.Should().BeNull();
    }

    [Test]
    public void Our_own_ends_agree_whatever_either_allows()
    {
        foreach (var client in Policies())
        {
            foreach (var server in Policies())
            {
                var answer = Accept(DeflateNegotiator.Offer(client), server, out var atServer)!;

                TryReadAnswer(answer, client, out var atClient).Should().BeTrue();
                atClient!.Value.ServerMaxWindowBits.Should().Be(atServer.ServerMaxWindowBits);
                atClient.Value.ServerNoContextTakeover.Should().Be(atServer.ServerNoContextTakeover);
                atClient.Value.ClientMaxWindowBits.Should().BeLessThanOrEqualTo(atServer.ClientMaxWindowBits);
                (atClient.Value.ClientNoContextTakeover || !atServer.ClientNoContextTakeover).Should().BeTrue();
            }
        }

        static IEnumerable<DeflatePolicy> Policies() =>
            from serverTakeover in (bool[])[true, false]
            from clientTakeover in (bool[])[true, false]
            from serverBits in (int[])[8, 9, 12, 15]
            from clientBits in (int[])[8, 9, 12, 15]
            select Policy(serverTakeover, clientTakeover, serverBits, clientBits);
    }

    private static DeflatePolicy Policy(bool serverTakeover, bool clientTakeover, int serverBits, int clientBits) => new()
    {
        ServerContextTakeover = serverTakeover,
        ClientContextTakeover = clientTakeover,
        ServerMaxWindowBits = serverBits,
        ClientMaxWindowBits = clientBits,
    };

    private static string? Accept(string offer, DeflatePolicy policy) => Accept(offer, policy, out _);

    private static string? Accept(string offer, DeflatePolicy policy, out DeflateParameters parameters) =>
        DeflateNegotiator.Accept(Offers(offer), policy, out parameters);

    // As a client reads it: RFC 6455 §9.1 fails an answer whose grammar is broken before this extension is asked.
    private static bool TryReadAnswer(string answer, DeflatePolicy? policy, out DeflateParameters? parameters)
    {
        byte[] head = UpgradeText.Answer.With($"Sec-WebSocket-Extensions: {answer}").ToBytes();
        HttpResponseHead response = EverySplit.ResponseInCalls(new HandshakeLimits(), new ReadOnlySequence<byte>(head)).Response!;
        bool established = UpgradeValidator.TryValidate(
            response, Answers.Key, new UpgradeOffer { Deflate = policy }, out UpgradeAgreement agreement, out _);
        parameters = agreement.Deflate;
        return established;
    }

    private static IReadOnlyList<ExtensionOffer> Offers(string value) =>
        UpgradeText.Valid.With($"Sec-WebSocket-Extensions: {value}").AssertAccepted().ExtensionOffers;
}
