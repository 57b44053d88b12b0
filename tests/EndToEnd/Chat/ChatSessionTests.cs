using System.Net.WebSockets;
using System.Text;
using ChatHost;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class ChatSessionTests
{
    private readonly List<string> _heard = [];
    private ChatSession _session = null!;

    [SetUp]
    public void Join()
    {
        _heard.Clear();
        var time = new FakeTimeProvider();
        var room = new ChatRoom(time, NullLogger.Instance);
        var member = room.Join(message => _heard.Add(Encoding.UTF8.GetString(message.Payload.Span)), "test");
        _session = new ChatSession(room, member, time);
        _heard.Clear();
    }

    [Test]
    public void A_good_message_is_forwarded()
    {
        Receive("""{"data":"x"}""").Should().BeTrue();

        _heard.Should().ContainSingle().Which.Should().Contain("\"type\":\"chat\"");
    }

    [Test]
    public void A_bad_message_is_answered_and_the_connection_stays()
    {
        Receive("x").Should().BeTrue();
        Receive("""{"data":"x"}""").Should().BeTrue();

        _heard.Should().SatisfyRespectively(
            first => first.Should().Contain("\"type\":\"error\""),
            second => second.Should().Contain("\"type\":\"chat\""));
    }

    [Test]
    public void A_binary_message_is_a_bad_one()
    {
        _session.Receive("""{"data":"x"}"""u8, WebSocketMessageType.Binary).Should().BeTrue();

        _heard.Should().ContainSingle().Which.Should().Contain("not binary ones");
    }

    [Test]
    public void Who_goes_on_after_twenty_refusals_is_to_be_closed()
    {
        for (var message = 0; message < 20; message++)
        {
            Receive("""{"data":"x"}""").Should().BeTrue();
        }

        for (var message = 0; message < 20; message++)
        {
            Receive("""{"data":"x"}""").Should().BeTrue();
        }

        Receive("""{"data":"x"}""").Should().BeFalse();
        _heard.Should().HaveCount(40);
        _heard.Skip(20).Should().OnlyContain(message => message.Contains("Too fast: at most 20 messages in 10 seconds."));
    }

    private bool Receive(string text) => _session.Receive(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
}
