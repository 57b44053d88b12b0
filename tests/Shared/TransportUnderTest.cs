#pragma warning disable CA1050 // Outside every namespace it is for the whole assembly.

using RawSocketChat;

/// <summary>
/// The tests of servers and clients run over the platform's default transport, and a second time, with RAWSOCKETCHAT_TEST_TRANSPORT=portable, over the
/// portable one.
/// </summary>
[SetUpFixture]
public sealed class TransportUnderTest
{
    /// <summary>What a server or client that is not told otherwise runs on.</summary>
    internal static TransportKind Expected { get; private set; }

    [OneTimeSetUp]
    public void Choose()
    {
        var portable = Environment.GetEnvironmentVariable("RAWSOCKETCHAT_TEST_TRANSPORT") == "portable";
        AppContext.SetSwitch("RawSocketChat.PreferPortableTransport", portable);
        Expected = portable || !EpollLoopGroup.IsSupported ? TransportKind.Portable : TransportKind.Epoll;
        TestContext.Progress.WriteLine($"over the {Expected} transport");
    }
}
