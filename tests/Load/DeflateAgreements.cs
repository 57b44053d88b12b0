using System.Text;

using RawSocketChat.Load.Generator;

namespace RawSocketChat.Load.Tests;

/// <summary>What the generator offers about compression, and what it accepts (RFC 7692 §7.1).</summary>
public sealed class DeflateAgreements
{
    [TestCase(15, true, "permessage-deflate")]
    [TestCase(15, false, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [TestCase(12, true, "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12")]
    [TestCase(
        9, false, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9; server_no_context_takeover; client_no_context_takeover")]
    public void The_offer_says_exactly_the_terms(int bits, bool takeover, string expected)
    {
        var terms = new DeflateTerms(bits, takeover);

        terms.Offer.Should().Be(expected);
        Encoding.ASCII.GetString(Upgrade.Request("/echo", terms)).Should().Contain($"\r\nSec-WebSocket-Extensions: {expected}\r\n");
    }

    [Test]
    public void Without_terms_no_extension_is_offered() =>
        Encoding.ASCII.GetString(Upgrade.Request("/echo")).Should().NotContain("Extensions").And.EndWith("Sec-WebSocket-Version: 13\r\n\r\n");

    [TestCase(15, true, "permessage-deflate")]
    [TestCase(15, true, "permessage-deflate; server_max_window_bits=15; client_max_window_bits=\"15\"")]
    [TestCase(12, true, "permessage-deflate;client_max_window_bits=12;server_max_window_bits=12")]
    [TestCase(15, false, "permessage-deflate; client_no_context_takeover; server_no_context_takeover")]
    public void An_answer_that_says_the_same_is_an_agreement(int bits, bool takeover, string answer)
    {
        var act = () => new DeflateTerms(bits, takeover).Check(Answer($"sec-websocket-extensions: {answer}\r\n"));

        act.Should().NotThrow();
    }

    [TestCase(12, true, "permessage-deflate; server_max_window_bits=11; client_max_window_bits=12")]
    [TestCase(12, true, "permessage-deflate; server_max_window_bits=12")]
    [TestCase(12, true, "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12; server_no_context_takeover")]
    [TestCase(15, false, "permessage-deflate; server_no_context_takeover")]
    [TestCase(15, true, "x-webkit-deflate-frame")]
    [TestCase(15, true, "permessage-deflate, permessage-deflate")]
    public void An_answer_that_says_something_else_is_told_with_what_was_offered(int bits, bool takeover, string answer)
    {
        var terms = new DeflateTerms(bits, takeover);

        var act = () => terms.Check(Answer($"Sec-WebSocket-Extensions: {answer}\r\n"));

        act.Should().Throw<InvalidDataException>().WithMessage($"*agreed to \"{answer}\"*\"{terms.Offer}\"*");
    }

    [Test]
    public void An_answer_that_says_nothing_has_declined()
    {
        var act = () => new DeflateTerms(15, Takeover: true).Check(Answer(string.Empty));

        act.Should().Throw<InvalidDataException>().WithMessage("*declined \"permessage-deflate\"*");
    }

    private static byte[] Answer(string extensions) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n{extensions}Connection: Upgrade\r\n\r\n");
}
