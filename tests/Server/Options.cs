using System.Globalization;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class Options : ServerFixture
{
    private static readonly TimeSpan TooLong = TimeSpan.FromDays(60);

    public static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("Port", -1, 0, new() { Port = -1 });
        yield return Case("Port", 65536, 65535, new() { Port = 65536 });
        yield return Case("Backlog", 0, 1, new() { Backlog = 0 });
        yield return Case("Backlog", 65536, 65535, new() { Backlog = 65536 });
        yield return Case("MaxPendingHandshakes", 0, 1, new() { MaxPendingHandshakes = 0 });
        yield return Case("MaxPendingHandshakesPerAddress", 0, 1, new() { MaxPendingHandshakesPerAddress = 0 });
        yield return Case("MaxConnections", 0, 1, new() { MaxConnections = 0 });
        yield return Case("MaxMessageSize", 0, 1, new() { MaxMessageSize = 0 });
        yield return Case("MaxMessageSize", int.MaxValue, 1 << 30, new() { MaxMessageSize = int.MaxValue });
        yield return Case("MaxFragmentsPerMessage", 0, 1, new() { MaxFragmentsPerMessage = 0 });
        yield return Case("MaxOutgoingBytes", 1023, 1024, new() { MaxOutgoingBytes = 1023 });
        yield return Case("HandshakeTimeout", TimeSpan.Zero, "zero", new() { HandshakeTimeout = TimeSpan.Zero });
        yield return Case("HandshakeTimeout", TooLong, "at most", new() { HandshakeTimeout = TooLong });
        yield return Case("StopTimeout", Timeout.InfiniteTimeSpan, "zero", new() { StopTimeout = Timeout.InfiniteTimeSpan });
        yield return Case("CloseTimeout", TimeSpan.Zero, "zero", new() { CloseTimeout = TimeSpan.Zero });
        yield return Case("KeepAliveInterval", TimeSpan.Zero, "zero", new() { KeepAliveInterval = TimeSpan.Zero });
        yield return Case("KeepAliveTimeout", TimeSpan.FromTicks(-5), "zero", new() { KeepAliveTimeout = TimeSpan.FromTicks(-5) });
        yield return Case("PeriodicBroadcast.Interval", TimeSpan.Zero, "zero", Periodic(TimeSpan.Zero, TimeSpan.Zero));
        yield return Case("PeriodicBroadcast.MaxJitter", TimeSpan.FromTicks(-1), "zero", Periodic(TimeSpan.FromSeconds(1), TimeSpan.FromTicks(-1)));
        yield return Case(
            "PeriodicBroadcast.MaxJitter", TimeSpan.FromDays(60), "at most", Periodic(TimeSpan.FromDays(30), TimeSpan.FromDays(30)));
        yield return Case("EpollLoops", -1, 0, new() { EpollLoops = -1 });
        yield return Case("EpollLoops", 1025, 1024, new() { EpollLoops = 1025 });
        yield return Case("Transport", (TransportKind)7, "one of", new() { Transport = (TransportKind)7 });
        yield return Case("SlowConsumerPolicy", (SlowConsumerPolicy)7, "one of", new() { SlowConsumerPolicy = (SlowConsumerPolicy)7 });
    }

    public static IEnumerable<TestCaseData> Missing()
    {
        yield return new TestCaseData("Address", new WebSocketServerOptions { Address = null! }).SetArgDisplayNames("Address");
        yield return new TestCaseData("HandshakeLimits", new WebSocketServerOptions { HandshakeLimits = null! }).SetArgDisplayNames("HandshakeLimits");
        yield return new TestCaseData("SubProtocols", new WebSocketServerOptions { SubProtocols = null! }).SetArgDisplayNames("SubProtocols");
        yield return new TestCaseData("AllowedOrigins", new WebSocketServerOptions { AllowedOrigins = null! }).SetArgDisplayNames("AllowedOrigins");
        yield return new TestCaseData("LoggerFactory", new WebSocketServerOptions { LoggerFactory = null! }).SetArgDisplayNames("LoggerFactory");
        yield return new TestCaseData("TimeProvider", new WebSocketServerOptions { TimeProvider = null! }).SetArgDisplayNames("TimeProvider");
        yield return new TestCaseData("BufferPool", new WebSocketServerOptions { BufferPool = null! }).SetArgDisplayNames("BufferPool");
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_value_out_of_bounds_is_refused_with_the_options_name_its_value_and_the_bound(
        string option, object value, object bound, WebSocketServerOptions options)
    {
        var create = () => new WebSocketServer(options, EchoAsync);

        create.Should().Throw<ArgumentException>().Which.Message.Should()
            .Contain(option).And.Contain(Convert.ToString(value, CultureInfo.InvariantCulture))
            .And.Contain(Convert.ToString(bound, CultureInfo.InvariantCulture));
    }

    [TestCaseSource(nameof(Missing))]
    public void A_value_that_is_missing_is_refused_by_name(string option, WebSocketServerOptions options)
    {
        var create = () => new WebSocketServer(options, EchoAsync);

        create.Should().Throw<ArgumentException>().Which.Message.Should().Contain(option);
    }

    [Test]
    public void No_options_are_refused()
    {
        var create = () => new WebSocketServer(null!, EchoAsync);

        create.Should().Throw<ArgumentNullException>();
    }

    [Test]
    public void The_defaults_are_valid_and_open_nothing_to_a_network()
    {
        var options = new WebSocketServerOptions();

        options.Invoking(it => it.Validate()).Should().NotThrow();
        System.Net.IPAddress.IsLoopback(options.Address).Should().BeTrue();
        options.SlowConsumerPolicy.Should().Be(SlowConsumerPolicy.Close);
        options.RefuseEarlyFrames.Should().BeFalse();
    }

    [Test]
    public void The_request_of_a_connection_without_a_server_cannot_be_asked_for()
    {
        FluentActions.Invoking(() => ServerConnectionExtensions.GetRequest(null!)).Should().Throw<ArgumentNullException>();
    }

    private static TestCaseData Case(string option, object value, object bound, WebSocketServerOptions options) =>
        new TestCaseData(option, value, bound, options).SetArgDisplayNames(option, $"{value}");

    private static WebSocketServerOptions Periodic(TimeSpan interval, TimeSpan jitter) => new()
    {
        PeriodicBroadcast = new() { Interval = interval, MaxJitter = jitter, OnDue = _ => { } },
    };
}
