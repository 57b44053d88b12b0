using RawSocketChat.Samples;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class LogTextTests
{
    [Test]
    public void A_stranger_s_text_stays_on_its_line_and_says_nothing_to_the_terminal()
    {
        LogText.OneLine("a\r\nb\u001b[2J\u009b\u2028").Should().Be(@"a\u000d\u000ab\u001b[2J\u009b\u2028");
    }

    [Test]
    public void What_turns_round_the_reading_order_is_made_visible() =>
        LogText.OneLine("a\u202eb\u2066c").Should().Be(@"a\u202eb\u2066c");

    [Test]
    public void Chinese_and_emoji_are_logged_as_they_are() => LogText.OneLine("你好 😄").Should().Be("你好 😄");
}
