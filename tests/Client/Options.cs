using System.Net;

using RawSocketChat.Client.Tests.Support;

namespace RawSocketChat.Client.Tests;

internal sealed class Options : ClientFixture
{
    private static readonly Uri Anywhere = new("ws://example.com/");

    public static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("ConnectTimeout", "zero", new() { ConnectTimeout = TimeSpan.Zero });
        yield return Case("ConnectTimeout", "at most", new() { ConnectTimeout = TimeSpan.FromDays(60) });
        yield return Case("HandshakeTimeout", "zero", new() { HandshakeTimeout = Timeout.InfiniteTimeSpan });
        yield return Case("MaxMessageSize", "1", new() { MaxMessageSize = 0 });
        yield return Case("SubProtocols", "token", new() { SubProtocols = ["a b"] });
        yield return Case("SubProtocols", "token", new() { SubProtocols = [""] });
        yield return Case("SubProtocols", "twice", new() { SubProtocols = ["a", "b", "a"] });
        yield return Case("SubProtocols", "null", new() { SubProtocols = null! });
        yield return Case("Headers", "null", new() { Headers = null! });
        yield return Case("Headers", "token", new() { Headers = [new("a b", "x")] });
        yield return Case("Headers", "token", new() { Headers = [new("", "x")] });
        yield return Case("Headers", "CR or LF", new() { Headers = [new("a", "x\r\nb: y")] });
        yield return Case("Headers", "ASCII", new() { Headers = [new("a", "é")] });
        yield return Case("Headers", "ASCII", new() { Headers = [new("a", null!)] });
        foreach (var name in new[]
        {
            "Host", "upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Extensions", "Cookie", "Origin", "Content-Length", "Transfer-Encoding",
        })
        {
            yield return Case("Headers", name, new() { Headers = [new(name, "x")] });
        }

        yield return Case("Origin", "CR or LF", new() { Origin = "a\nb" });
        yield return Case("Credentials", "colon", new() { Credentials = new("a:b", "c") });
        yield return Case("Credentials", "Authorization", new() { Credentials = new("a", "b"), Headers = [new("authorization", "Bearer x")] });
        yield return Case("UseSystemProxy", "Proxy", new() { UseSystemProxy = true, Proxy = new WebProxy("http://127.0.0.1:1") });
        yield return Case("HandshakeLimits", "null", new() { HandshakeLimits = null! });
        yield return Case("LoggerFactory", "null", new() { LoggerFactory = null! });
    }

    public static IEnumerable<TestCaseData> WrongReconnecting()
    {
        yield return ReconnectCase("BaseDelay", "zero", new() { BaseDelay = TimeSpan.Zero });
        yield return ReconnectCase("MaxDelay", "zero", new() { MaxDelay = TimeSpan.FromTicks(-1) });
        yield return ReconnectCase("MaxDelay", "BaseDelay", new() { BaseDelay = TimeSpan.FromSeconds(5), MaxDelay = TimeSpan.FromSeconds(4) });
        yield return ReconnectCase("HealthyAfter", "zero", new() { HealthyAfter = TimeSpan.Zero });
        yield return ReconnectCase("MaxAttempts", "1", new() { MaxAttempts = 0 });
        yield return ReconnectCase("MaxQueuedMessages", "1048576", new() { MaxQueuedMessages = -1 });
        yield return ReconnectCase("MaxQueuedMessages", "1048576", new() { MaxQueuedMessages = (1024 * 1024) + 1 });
        yield return ReconnectCase("ShouldReconnect", "null", new() { ShouldReconnect = null! });
        yield return ReconnectCase("Random", "null", new() { Random = null! });
    }

    [TestCaseSource(nameof(Wrong))]
    public async Task A_value_out_of_bounds_is_refused_with_the_options_name_and_the_bound(string option, string bound, WebSocketClientOptions options)
    {
        var connect = () => WebSocketClient.ConnectAsync(Anywhere, options);
        (await connect.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain(option).And.ContainEquivalentOf(bound);

        var create = () => new ReconnectingWebSocketClient(Anywhere, options);
        create.Should().Throw<ArgumentException>().Which.Message.Should().Contain(option);
    }

    [TestCaseSource(nameof(WrongReconnecting))]
    public void So_is_one_of_coming_back(string option, string bound, ReconnectOptions options)
    {
        var create = () => new ReconnectingWebSocketClient(Anywhere, reconnect: options);

        create.Should().Throw<ArgumentException>().Which.Message.Should().Contain(option).And.Contain(bound);
    }

    [Test]
    public void The_defaults_are_in_bounds()
    {
        new WebSocketClientOptions().Validate();
        new ReconnectOptions().Validate();
    }

    private static TestCaseData Case(string option, string bound, WebSocketClientOptions options) =>
        new TestCaseData(option, bound, options).SetArgDisplayNames(option, bound);

    private static TestCaseData ReconnectCase(string option, string bound, ReconnectOptions options) =>
        new TestCaseData(option, bound, options).SetArgDisplayNames(option, bound);
}
