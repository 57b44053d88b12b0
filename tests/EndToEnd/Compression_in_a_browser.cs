using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>permessage-deflate between the chat host and Chromium (RFC 7692).</summary>
public sealed class Compression_in_a_browser
{
    [Test]
    public async Task Is_in_use_by_default_and_the_chat_works()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();

        ExtensionsOf(address).Should().StartWith("permessage-deflate");
    }

    [Test]
    public async Task Is_not_where_it_is_switched_off_and_the_chat_works()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0", "--deflate", "off");
        var address = await host.ListeningAsync();

        ExtensionsOf(address).Should().BeEmpty();
    }

    // The page keeps its WebSocket to itself: every one that it opens from then on is noted, and the last one is asked.
    private static string ExtensionsOf(Uri address)
    {
        using var one = new Browser(900, 600);
        using var two = new Browser(900, 600);
        one.Driver.ExecuteCdpCommand("Page.addScriptToEvaluateOnNewDocument", new()
        {
            ["source"] = "window.WebSocket = class extends WebSocket { constructor(...all) { super(...all); window.lastSocket = this; } };",
        });
        one.Open(address, "One");
        two.Open(address, "Two");

        var text = string.Concat(Enumerable.Repeat("你好, 世界 👋 ", 20)).Trim();
        one.Say(text);
        two.WaitForMessage(text);
        two.Say($"{text} back");
        one.WaitForMessage($"{text} back");
        one.Driver.ExecuteScript("return window.lastSocket.readyState").Should().Be(1L);
        return (string)one.Driver.ExecuteScript("return window.lastSocket.extensions")!;
    }
}
