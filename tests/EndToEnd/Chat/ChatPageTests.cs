using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ChatHost;
using RawSocketChat.Samples;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed partial class ChatPageTests
{
    private static readonly string Page = Encoding.UTF8.GetString(ChatPage.Html.Span);

    [Test]
    public void The_page_s_policy_names_its_one_script_and_its_one_style_by_their_hashes()
    {
        Page.Should().Contain($"script-src '{HashOf(Script())}'");
        Page.Should().Contain($"style-src '{HashOf(Style())}'");
    }

    [Test]
    public void The_page_takes_nothing_from_elsewhere()
    {
        Page.Should().NotMatchRegex("(?:src|href)=[\"'](?!data:)");
        Page.Should().NotMatchRegex(@"@import|url\(|fetch\(|XMLHttpRequest");
    }

    [Test]
    public void The_page_never_makes_HTML_of_a_text()
    {
        Page.Should().NotMatchRegex("innerHTML|outerHTML|insertAdjacentHTML|document.write|DOMParser|eval");
    }

    [Test]
    public void The_page_s_limits_are_the_server_s()
    {
        Page.Should().Contain($"const maxTextBytes = {ChatRules.MaxTextBytes};");
        Page.Should().Contain($"const maxNameLength = {ChatRules.MaxNameLength};");
    }

    private static string HashOf(Regex element)
    {
        var content = element.Matches(Page).Should().ContainSingle().Which.Groups[1].Value;
        return $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
    }

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
