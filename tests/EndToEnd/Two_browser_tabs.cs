using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>The chat as a user sees it: the real host, a real browser.</summary>
public sealed class Two_browser_tabs
{
    [Test]
    public async Task Talk_under_their_nicknames_with_Chinese_and_emoji()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();
        using var ada = Open(address, "Ada", 1100, 760);
        using var lin = Open(address, "小林", 360, 740, dark: true);

        ada.Say("Good morning! Anyone here yet?");
        lin.WaitForMessage("Good morning!");
        lin.Say("早上好 👋 刚到。");
        ada.WaitForMessage("早上好 👋 刚到。");
        ada.Say("Plain TCP, no framework. 你好,世界 😀");
        lin.WaitForMessage("你好,世界 😀");
        lin.Say("真快!🚀");
        ada.WaitForMessage("真快!🚀");

        var own = ada.FindAll("[data-testid=message].own");
        own.Should().HaveCount(2, "one's own messages stand apart, each once");
        ada.FindAll("[data-testid=message][data-type=chat]").Should().HaveCount(4);
        ada.FindAll("[data-testid=person]").Select(person => person.Text).Should().HaveCount(2)
            .And.Contain(text => text.Contains("小林", StringComparison.Ordinal));
        ada.Screenshot("chat-desktop-light.png");
        lin.Screenshot("chat-phone-dark.png");
    }

    [Test]
    public async Task Reconnect_by_themselves_when_the_host_is_restarted()
    {
        await using var first = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await first.ListeningAsync();
        using var one = Open(address, "One", 900, 600);
        using var two = Open(address, "Two", 900, 600);

        await first.SignalAsync("TERM");
        (await first.ExitAsync()).Should().Be(0);
        one.WaitUntil(() => one.Find("page").GetAttribute("data-state") != "open", "the page has noticed the end");
        one.Say("kept for later");
        one.Find("text").GetAttribute("value").Should().Be("kept for later", "what could not be sent is not lost");

        await using var second = HostProcess.StartSample("ChatHost", "--port", $"{address.Port}", "--announce-every", "0");
        await second.ListeningAsync();
        one.WaitForState("open");
        two.WaitForState("open");
        one.Find("send").Click();
        two.WaitForMessage("kept for later");
        two.WaitUntil(
            () => two.FindAll("[data-testid=message][data-type=chat]").Any(message => message.Text.Contains("One", StringComparison.Ordinal)),
            "the nickname is told again after a reconnect");
    }

    [Test]
    public async Task Show_text_as_text_whatever_is_in_it()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();
        using var one = Open(address, "One", 900, 600);
        using var two = Open(address, "<b>Two</b>", 900, 600);

        const string Evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
        two.Say(Evil);
        one.WaitForMessage(Evil);
        one.FindAll("#messages img, #messages script, #messages b").Should().BeEmpty();
        one.Driver.Title.Should().NotBe("owned");
    }

    private static Browser Open(Uri address, string nickname, int width, int height, bool dark = false)
    {
        var browser = new Browser(width, height, dark);
        browser.Open(address, nickname);
        return browser;
    }
}
