using OpenQA.Selenium;
using RawSocketChat.EndToEnd.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>The mini programs' own files, drawn in a real browser, and the chat's page in another: as their users see it.</summary>
public sealed class A_mini_program_and_a_browser_tab
{
    [TestCase("WepyChat/dist", "wepy")]
    [TestCase("WeChatNative", "native")]
    public async Task Talk_with_Chinese_and_emoji(string program, string picture)
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "1.5", "--announce-jitter", "0");
        var address = await host.ListeningAsync();
        var folder = Directory.CreateTempSubdirectory("mini-program-");
        try
        {
            var miniProgram = await BundleAsync(program, folder);
            using var tab = new Browser(640, 780);
            tab.Open(address, "Ada");
            using var phone = new Browser(390, 780);
            phone.Driver.Navigate().GoToUrl($"{miniProgram}?server={Uri.EscapeDataString(address.ToString())}&nickname={Uri.EscapeDataString("小明")}");
            phone.WaitUntil(() => Text(phone, ".state") == "已连接", "the mini program is connected");
            WaitForLine(phone, "服务器说:", "来自服务器的消息");

            Say(phone, "大家好 👋 我在小程序里。");
            tab.WaitForMessage("大家好 👋 我在小程序里。");
            tab.Say("Hello 小明! Plain TCP on this side 😀");
            WaitForLine(phone, "Ada说:", "Hello 小明! Plain TCP on this side 😀");
            Say(phone, "收到 🚀");
            tab.WaitForMessage("收到 🚀");
            Text(phone, ".people").Should().Be("2 人在线");
            Screenshot(phone, tab, folder, $"mini-program-{picture}.png");

            // More than the list has room for.
            for (var i = 1; i <= 12; i++)
            {
                tab.Say($"line {i} of many");
            }

            WaitForLine(phone, "Ada说:", "line 12 of many");
            phone.FindAll(".line.mine").Should().HaveCount(2, "one's own line is shown once, though the server sends it back");
            Overflows(phone).Should().BeTrue();
            phone.WaitUntil(() => InView(phone, ".line:last-child"), "the newest line is scrolled to");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Uri> BundleAsync(string program, DirectoryInfo folder)
    {
        var files = Path.Combine(Repository.Root, "samples", program);
        File.Exists(Path.Combine(files, "app.js")).Should().BeTrue("{0} is there; ./test.sh builds what must be built", program);
        var page = Path.Combine(folder.FullName, "page.html");
        await using var bundle = HostProcess.Start(
            "node", Path.Combine(Repository.Root, "tests", "MiniPrograms", "runtime", "bundle.js"), files, page);
        (await bundle.ExitAsync()).Should().Be(0, "the mini program is bundled; errors: {0}", bundle.Errors);
        return new(page);
    }

    private static void Say(Browser phone, string text)
    {
        // Through the field's own event: the driver's keyboard has no key for what lies beyond the Basic Multilingual Plane.
        phone.Driver.ExecuteScript(
            "const field = document.querySelector('.draft'); field.value = arguments[0]; field.dispatchEvent(new Event('input'));", text);
        phone.Driver.FindElement(By.CssSelector(".send")).Click();
    }

    private static void WaitForLine(Browser phone, string heading, string text) => phone.WaitUntil(
        () => phone.FindAll(".line").Any(line =>
            line.Text.Contains(heading, StringComparison.Ordinal) && line.Text.Contains(text, StringComparison.Ordinal)),
        $"the line \"{heading} {text}\" is shown");

    private static string Text(Browser phone, string selector) => phone.Driver.FindElement(By.CssSelector(selector)).Text;

    private static bool Overflows(Browser phone) => (bool)phone.Driver.ExecuteScript(
        "const list = document.querySelector('.lines'); return list.scrollHeight > list.clientHeight + 100;")!;

    private static bool InView(Browser phone, string selector) => (bool)phone.Driver.ExecuteScript(
        """
        const line = document.querySelector(arguments[0]).getBoundingClientRect();
        const list = document.querySelector('.lines').getBoundingClientRect();
        return line.top >= list.top - 1 && line.bottom <= list.bottom + 1;
        """,
        selector)!;

    // Both in one picture, the mini program on the left.
    private static void Screenshot(Browser phone, Browser tab, DirectoryInfo folder, string name)
    {
        var page = Path.Combine(folder.FullName, "both.html");
        File.WriteAllText(page, $$"""
            <!DOCTYPE html>
            <style>
            body { margin: 0; padding: 30px; display: flex; gap: 20px; background: #d9d3c3; }
            img { border-radius: 14px; box-shadow: 0 6px 24px rgb(0 0 0 / .2); }
            </style>
            <img src="data:image/png;base64,{{phone.Driver.GetScreenshot().AsBase64EncodedString}}">
            <img src="data:image/png;base64,{{tab.Driver.GetScreenshot().AsBase64EncodedString}}">
            """);
        using var both = new Browser(1110, 840);
        both.Driver.Navigate().GoToUrl(new Uri(page));
        both.Screenshot(name);
    }
}
