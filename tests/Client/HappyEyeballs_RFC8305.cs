using System.Net;
using System.Net.Sockets;

using RawSocketChat.Dialing;

namespace RawSocketChat.Client.Tests;

/// <summary>The race of a host's addresses, with a dialer that does what a test says and a clock that stands still.</summary>
internal sealed class HappyEyeballs_RFC8305
{
    private static readonly IPAddress Six1 = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress Six2 = IPAddress.Parse("2001:db8::2");
    private static readonly IPAddress Six3 = IPAddress.Parse("2001:db8::3");
    private static readonly IPAddress Four1 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Four2 = IPAddress.Parse("192.0.2.2");

    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    [Test]
    public void Families_take_turns_from_the_first_one_on()
    {
        ConnectionRace.Interleave([Six1, Six2, Six3, Four1, Four2]).Should().Equal(Six1, Four1, Six2, Four2, Six3);
        ConnectionRace.Interleave([Four1, Six1, Six2]).Should().Equal(Four1, Six1, Six2);
        ConnectionRace.Interleave([Four2, Four1]).Should().Equal(Four2, Four1);
    }

    [Test]
    public async Task A_dead_address_delays_the_next_by_its_head_start_alone()
    {
        var time = new WatchedTime();
        var dialer = new ScriptedDialer();
        var race = RunAsync(dialer, time, Six1, Four1);
        await time.WaitForTimerAsync(HeadStart);

        time.Advance(HeadStart - TimeSpan.FromMilliseconds(1));
        dialer.Dialed.Should().Equal(Six1);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var winner = await dialer.SucceedAsync(Four1);

        (await race.Soon()).Should().BeSameAs(winner);
        await dialer.ShouldBeCancelledAsync(Six1);
    }

    [Test]
    public async Task An_address_that_refuses_gives_way_at_once()
    {
        var dialer = new ScriptedDialer();
        var race = RunAsync(dialer, new WatchedTime(), Six1, Four1);

        await dialer.FailAsync(Six1, SocketError.ConnectionRefused);
        var winner = await dialer.SucceedAsync(Four1);

        (await race.Soon()).Should().BeSameAs(winner);
    }

    [Test]
    public async Task The_first_may_still_win_after_its_head_start()
    {
        var time = new WatchedTime();
        var dialer = new ScriptedDialer();
        var race = RunAsync(dialer, time, Six1, Four1);
        await time.WaitForTimerAsync(HeadStart);
        time.Advance(HeadStart);
        await dialer.WaitForAsync(Four1);

        var winner = await dialer.SucceedAsync(Six1);

        (await race.Soon()).Should().BeSameAs(winner);
        winner.IsDisposed.Should().BeFalse();
        await dialer.ShouldBeCancelledAsync(Four1);
    }

    [Test]
    public async Task A_loser_that_connects_all_the_same_is_closed()
    {
        var time = new WatchedTime();
        var dialer = new ScriptedDialer { IgnoresCancellation = true };
        var race = RunAsync(dialer, time, Six1, Four1);
        await time.WaitForTimerAsync(HeadStart);
        time.Advance(HeadStart);
        await dialer.SucceedAsync(Four1);
        await race.Soon();

        var late = await dialer.SucceedAsync(Six1);

        await Waiting.UntilAsync(() => late.IsDisposed);
    }

    [Test]
    public async Task Where_all_fail_the_first_failure_is_told()
    {
        var dialer = new ScriptedDialer();
        var race = RunAsync(dialer, new WatchedTime(), Six1, Four1, Six2);

        await dialer.FailAsync(Six1, SocketError.NetworkUnreachable);
        await dialer.FailAsync(Four1, SocketError.ConnectionRefused);
        await dialer.FailAsync(Six2, SocketError.HostUnreachable);

        var wait = () => race.Soon();
        (await wait.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.NetworkUnreachable);
    }

    [Test]
    public async Task The_last_address_is_waited_for_though_others_have_failed()
    {
        var time = new WatchedTime();
        var dialer = new ScriptedDialer();
        var race = RunAsync(dialer, time, Six1, Four1);
        await dialer.FailAsync(Six1, SocketError.ConnectionRefused);
        await dialer.WaitForAsync(Four1);

        time.Advance(TimeSpan.FromMinutes(1));
        race.IsCompleted.Should().BeFalse();
        var winner = await dialer.SucceedAsync(Four1);

        (await race.Soon()).Should().BeSameAs(winner);
    }

    [Test]
    public async Task A_cancelled_race_cancels_every_attempt()
    {
        var time = new WatchedTime();
        using var cancel = new CancellationTokenSource();
        var dialer = new ScriptedDialer();
        var race = ConnectionRace.RunAsync([Six1, Four1], dialer.DialAsync, time, cancel.Token);
        await time.WaitForTimerAsync(HeadStart);
        time.Advance(HeadStart);
        await dialer.WaitForAsync(Four1);

        await cancel.CancelAsync();

        var wait = () => race.Soon();
        await wait.Should().ThrowAsync<OperationCanceledException>();
        await dialer.ShouldBeCancelledAsync(Six1);
        await dialer.ShouldBeCancelledAsync(Four1);
    }

    private static Task<Dialed> RunAsync(ScriptedDialer dialer, TimeProvider time, params IPAddress[] addresses) =>
        ConnectionRace.RunAsync(addresses, dialer.DialAsync, time, CancellationToken.None);

    private sealed class Dialed : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class ScriptedDialer
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<IPAddress, (TaskCompletionSource<Dialed> Result, TaskCompletionSource Started)> _attempts = [];
        private readonly List<IPAddress> _dialed = [];

        public bool IgnoresCancellation { get; init; }

        public IReadOnlyList<IPAddress> Dialed
        {
            get
            {
                lock (_gate)
                {
                    return [.. _dialed];
                }
            }
        }

        public async Task<Dialed> DialAsync(IPAddress address, CancellationToken cancellationToken)
        {
            var (result, started) = Of(address);
            lock (_gate)
            {
                _dialed.Add(address);
            }

            started.SetResult();
            using var cancel = cancellationToken.Register(() =>
            {
                if (!IgnoresCancellation)
                {
                    result.TrySetCanceled(cancellationToken);
                }
            });
            return await result.Task;
        }

        public Task WaitForAsync(IPAddress address) => Of(address).Started.Task.Soon();

        public async Task<Dialed> SucceedAsync(IPAddress address)
        {
            await WaitForAsync(address);
            var dialed = new Dialed();
            Of(address).Result.SetResult(dialed);
            return dialed;
        }

        public async Task FailAsync(IPAddress address, SocketError error)
        {
            await WaitForAsync(address);
            Of(address).Result.SetException(new SocketException((int)error));
        }

        public async Task ShouldBeCancelledAsync(IPAddress address)
        {
            var wait = () => Of(address).Result.Task.Soon();
            await wait.Should().ThrowAsync<OperationCanceledException>();
        }

        private (TaskCompletionSource<Dialed> Result, TaskCompletionSource Started) Of(IPAddress address)
        {
            lock (_gate)
            {
                if (!_attempts.TryGetValue(address, out var attempt))
                {
                    attempt = (
                        new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
                    _attempts.Add(address, attempt);
                }

                return attempt;
            }
        }
    }
}
