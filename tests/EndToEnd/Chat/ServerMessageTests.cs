extern alias client;

using System.Text;
using client::ChatClient;
using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.EndToEnd.Tests.Chat;

/// <summary>What the terminal client makes of a server's messages, whatever they are.</summary>
public sealed class ServerMessageTests
{
    private static readonly FakeTimeProvider Clock = new(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [TestCase("""{"data":"你好","from":"小明","type":"chat","time":"2026-01-02T12:34:56.789Z"}""", "12:34:56 小明: 你好")]
    [TestCase("""{"text":"hi","from":"me","type":"chat","self":true}""", "03:04:05 me: hi")]
    [TestCase("""{"data":"来自服务器的消息"}""", "03:04:05 server: 来自服务器的消息")]
    [TestCase("""{"data":"x","type":"announcement"}""", "03:04:05 # x")]
    [TestCase("""{"text":"x","type":"error"}""", "03:04:05 ! x")]
    [TestCase("""{"text":"x joined.","type":"join","member":7,"count":"many"}""", "03:04:05 * x joined.")]
    [TestCase("""{"data":"x","from":5,"time":"soon","self":"yes","type":[]}""", "03:04:05 server: x")]
    [TestCase("""{"text":"","type":"welcome","member":{"name":"me"},"members":[{"name":"me"},3,{"name":"you"}],"count":3}""",
        "03:04:05 * connected as me; here are me, you and 1 more")]
    [TestCase("""{"text":"","type":"welcome","member":{"name":"me"},"members":[{"name":"me"}]}""",
        "03:04:05 * connected as me; nobody else is here")]
    public void A_message_is_one_plain_line(string json, string line) => Line(json).Should().Be(line);

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("{")]
    [TestCase("{}")]
    [TestCase("""{"data":7}""")]
    [TestCase("""{"data":"\ud800"}""")]
    [TestCase("""{"data":"x"} {}""")]
    public void What_is_no_message_is_none(string json) => ServerMessageParser.Parse(Encoding.UTF8.GetBytes(json)).Should().BeNull();

    [Test]
    public void Names_and_texts_say_nothing_to_the_terminal() =>
        Line("""{"data":"a\u001b]0;x\u0007\n\u009b2J\u202e","from":"\u001b[31mx"}""")
            .Should().Be(@"03:04:05 \u001b[31mx: a\u001b]0;x\u0007\u000a\u009b2J\u202e");

    [Test]
    public void A_line_on_the_screen_is_text_and_not_markup()
    {
        using var terminal = new StringWriter();
        var screen = new Screen(terminal, () => 80);
        screen.Add(new(ChatEventKind.Chat, "12:34:56", "[red]x", "[bold]y[/] [/]", IsOwn: false));

        terminal.ToString().Should().Contain("[red]x").And.Contain("[bold]y[/] [/]");
    }

    private static string Line(string json) => Rendering.Line(ServerMessageParser.Parse(Encoding.UTF8.GetBytes(json))!, Clock).Plain;
}
