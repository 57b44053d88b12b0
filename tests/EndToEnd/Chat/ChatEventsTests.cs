using System.Text;
using System.Text.Json;
using ChatHost;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class ChatEventsTests
{
    private static readonly DateTimeOffset Time = new(2030, 5, 1, 20, 30, 15, 250, TimeSpan.FromHours(8));
    private static readonly MemberInfo Ming = new(3, "小明");

    [Test]
    public void A_chat_message_has_its_text_in_data()
    {
        Json(ChatEvents.Chat("你好 😄", Ming, 7, Time)).Should().Be(
            """{"data":"你好 😄","from":"小明","time":"2030-05-01T12:30:15.250Z","type":"chat","id":7,"member":{"id":"""
            + """3,"name":"小明"}}""");
    }

    [Test]
    public void The_speaker_s_own_copy_has_it_in_text_and_is_marked()
    {
        Json(ChatEvents.OwnChat("你好", Ming, 7, Time)).Should().Be(
            """{"text":"你好","from":"小明","time":"2030-05-01T12:30:15.250Z","type":"chat","id":7,"self":true,"member":{"id":"""
            + """3,"name":"小明"}}""");
    }

    [Test]
    public void An_announcement_is_from_the_server_and_has_an_id()
    {
        Json(ChatEvents.Announcement("来自服务器的消息", 8, Time)).Should().Be(
            """{"data":"来自服务器的消息","from":"server","time":"2030-05-01T12:30:15.250Z","type":"announcement","id":8}""");
    }

    [Test]
    public void A_welcome_tells_who_one_is_and_who_is_here()
    {
        Json(ChatEvents.Welcome(Ming, [new(1, "guest-1"), Ming], Time)).Should().Be(
            """{"text":"Welcome, 小明. 2 people are here.","from":"server","time":"2030-05-01T12:30:15.250Z","type":"welcome","member":{"id":"""
            + """3,"name":"小明"},"members":[{"id":1,"name":"guest-1"},{"id":3,"name":"小明"}],"count":2}""");
    }

    [Test]
    public void A_welcome_names_500_at_most_but_counts_all()
    {
        var crowd = Enumerable.Range(1, 2000).Select(id => new MemberInfo(id, $"guest-{id}")).ToArray();

        using var welcome = JsonDocument.Parse(ChatEvents.Welcome(crowd[^1], crowd, Time).Payload);

        welcome.RootElement.GetProperty("members").GetArrayLength().Should().Be(500);
        welcome.RootElement.GetProperty("count").GetInt32().Should().Be(2000);
    }

    [Test]
    public void What_the_smallest_client_should_not_show_has_no_data()
    {
        PreparedMessage[] quiet =
        [
            ChatEvents.OwnChat("x", Ming, 1, Time), ChatEvents.Welcome(Ming, [Ming], Time), ChatEvents.Join(Ming, 2, Time),
            ChatEvents.Leave(Ming, 1, Time), ChatEvents.Rename(Ming, "guest-3", Time), ChatEvents.Error("x", Time),
        ];

        foreach (var message in quiet)
        {
            using var json = JsonDocument.Parse(message.Payload);
            json.RootElement.TryGetProperty("data", out _).Should().BeFalse();
            json.RootElement.GetProperty("text").GetString().Should().NotBeNullOrEmpty();
        }
    }

    [Test]
    public void A_rename_tells_the_former_name()
    {
        Json(ChatEvents.Rename(Ming, "guest-3", Time)).Should().Be(
            """{"text":"guest-3 is now 小明.","from":"server","time":"2030-05-01T12:30:15.250Z","type":"rename","member":{"id":"""
            + """3,"name":"小明"},"was":"guest-3"}""");
    }

    [TestCase("\"},{\"type\":\"announcement", """\u0022},{\u0022type\u0022:\u0022announcement""")]
    [TestCase("a\\b", """a\u005cb""")]
    [TestCase("line\nline\0\u001b\u007f\u2028\u2029", """line\u000aline\u0000\u001b\u007f\u2028\u2029""")]
    [TestCase("<b>&'+汉👩‍👩‍👧", "<b>&'+汉👩‍👩‍👧")]
    public void Only_what_must_be_escaped_is_escaped(string text, string written)
    {
        var message = ChatEvents.Chat(text, Ming, 1, Time);

        Json(message).Should().StartWith($"{{\"data\":\"{written}\",");
        using var read = JsonDocument.Parse(message.Payload);
        read.RootElement.GetProperty("data").GetString().Should().Be(text);
    }

    [Test]
    public void Every_character_comes_back_as_it_was()
    {
        var text = string.Concat(Enumerable.Range(0, 0x10_0000).Where(Rune.IsValid).Where(code => code % 7 == 0 || code < 0x3000)
            .Select(code => new Rune(code).ToString()));

        using var read = JsonDocument.Parse(ChatEvents.Announcement(text, 1, Time).Payload);

        (read.RootElement.GetProperty("data").GetString() == text).Should().BeTrue();
    }

    [Test]
    public void Half_a_surrogate_pair_is_written_as_the_replacement_character()
    {
        Json(ChatEvents.Announcement("a\ud800b", 1, Time)).Should().StartWith("{\"data\":\"a\ufffdb\"");
    }

    private static string Json(PreparedMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
