using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace RawSocketChat.EndToEnd.Tests.Support;

/// <summary>A headless Chromium with a profile of its own.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly string _profile = Directory.CreateTempSubdirectory("chat-browser-").FullName;
    private readonly ChromeDriverService _service;

    public Browser(int width, int height, bool dark = false)
    {
        File.Exists("/usr/bin/chromedriver").Should().BeTrue("the browser tests need Chromium and its driver: run ./test.sh, which installs them");
        var options = new ChromeOptions { BinaryLocation = "/usr/bin/chromium" };
        options.AddArguments(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en",
            $"--window-size={width},{height}",
            $"--user-data-dir={_profile}");
        _service = ChromeDriverService.CreateDefaultService("/usr/bin", "chromedriver");
        _service.SuppressInitialDiagnosticInformation = true;
        Driver = new ChromeDriver(_service, options);
        Driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
        Driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new[] { new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" } },
        });
    }

    public ChromeDriver Driver { get; }

    /// <summary>Opens the chat's page at a chat host's address, and enters the chat under a nickname.</summary>
    public void Open(Uri address, string nickname)
    {
        Driver.Navigate().GoToUrl(new UriBuilder(address) { Scheme = address.Scheme == "wss" ? "https" : "http" }.Uri);
        WaitForState("open");
        var field = Find("nickname");
        field.Clear();
        field.SendKeys(nickname + Keys.Enter);
        WaitUntil(
            () => FindAll("[data-testid=person]").Any(
                person => (person.GetAttribute("textContent") ?? "").Contains(nickname, StringComparison.Ordinal)),
            $"{nickname} is in the list");
    }

    public IWebElement Find(string testId) => Driver.FindElement(By.CssSelector($"[data-testid={testId}]"));

    public IReadOnlyList<IWebElement> FindAll(string selector) => Driver.FindElements(By.CssSelector(selector));

    /// <summary>Waits until something holds of the page.</summary>
    public void WaitUntil(Func<bool> holds, string what)
    {
        var wait = new OpenQA.Selenium.Support.UI.WebDriverWait(Driver, Bound) { Message = what };
        wait.IgnoreExceptionTypes(typeof(StaleElementReferenceException), typeof(NoSuchElementException));
        wait.Until(_ => holds());
    }

    public void WaitForState(string state) =>
        WaitUntil(() => Find("page").GetAttribute("data-state") == state, $"the page's state is {state}");

    public void Say(string text)
    {
        // Through the page's own script: the driver's keyboard has no key for what lies beyond the Basic Multilingual Plane.
        Driver.ExecuteScript(
            "const t = document.getElementById('text'); t.value = arguments[0]; t.dispatchEvent(new Event('input', {bubbles: true}));", text);
        Find("send").Click();
    }

    public void WaitForMessage(string text) =>
        WaitUntil(() => FindAll("[data-testid=message][data-type=chat]").Any(message => message.Text.Contains(text, StringComparison.Ordinal)), $"the message \"{text}\" is shown");

    public void Screenshot(string name)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, name);
        Driver.GetScreenshot().SaveAsFile(file);
        TestContext.AddTestAttachment(file);
    }

    public void Dispose()
    {
        Driver.Quit();
        Driver.Dispose();
        _service.Dispose();
        Directory.Delete(_profile, recursive: true);
    }
}
