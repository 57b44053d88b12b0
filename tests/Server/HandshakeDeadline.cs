using System.Text;

using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.Server.Tests;

internal sealed class HandshakeDeadline : ServerFixture
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Test]
    public async Task A_client_that_says_nothing_is_cut_at_the_deadline()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await ConnectAsync(server);
        await time.WaitForTimerAsync(Deadline);

        time.Advance(Deadline);

        (await client.ReadToEndAsync()).Should().Be(0);
        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
    }

    [Test]
    public async Task It_is_not_cut_earlier()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await ConnectAsync(server);
        await time.WaitForTimerAsync(Deadline);

        time.Advance(Deadline - TimeSpan.FromMilliseconds(1));
        await client.SendAsync(RawClient.Request());

        (await client.ReadAnswerAsync()).Status.Should().Be(101);
    }

    [Test]
    public async Task A_byte_at_a_time_does_not_extend_it()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await ConnectAsync(server);
        await time.WaitForTimerAsync(Deadline);

        // Seven bytes, one a second; the deadline is the seventh.
        foreach (var one in Encoding.ASCII.GetBytes("GET / H"))
        {
            await client.SendAsync([one]);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        (await client.ReadToEndAsync()).Should().Be(0);
        time.TimersSet(Deadline).Should().Be(1);
    }

    [Test]
    public async Task It_holds_in_the_middle_of_a_TLS_handshake()
    {
        var time = new WatchedTime();
        using var certificate = TestCertificate.Create();
        var server = await StartAsync(new WebSocketServerOptions
        {
            TimeProvider = time,
            HandshakeTimeout = Deadline,
            LoggerFactory = Logs,
            ServerCertificate = certificate,
        });
        var client = await ConnectAsync(server);
        await time.WaitForTimerAsync(Deadline);

        // The beginning of a record that carries a ClientHello, and then nothing.
        await client.SendAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
        time.Advance(Deadline);

        (await client.ReadToEndAsync()).Should().Be(0);
        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
    }

    [Test]
    public async Task A_refused_client_that_does_not_leave_is_cut_too()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await ConnectAsync(server);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        (await client.ReadAnswerAsync()).Status.Should().Be(426);

        time.Advance(Deadline);

        await Logs.WaitForAsync(LogRecorder.HandshakeFailed);
    }

    [Test]
    public async Task It_does_not_hold_for_an_open_connection()
    {
        var time = new WatchedTime();
        var server = await StartAsync(Options(time));
        var client = await OpenAsync(server);
        await ShouldEchoAsync(client);

        time.Advance(Deadline + Tick);

        await ShouldEchoAsync(client);
    }

    private WebSocketServerOptions Options(TimeProvider time) => new()
    {
        TimeProvider = time,
        HandshakeTimeout = Deadline,
        LoggerFactory = Logs,
    };
}
