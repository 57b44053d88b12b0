using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

public sealed class TransportReading
{
    [Test]
    public async Task A_stream_that_waits_holds_no_buffer_though_the_last_read_filled_one()
    {
        var pool = new TrackingPool();
        var source = new WaitingStream();
        var pipe = new Pipe();
        await using var below = new PipeTransport(new Duplex(pipe.Reader, pipe.Writer));
        await using (var transport = new StreamTransport(source, below, pool))
        {
            // Buffers grow with the traffic: each is filled.
            for (var i = 0; i < 6; i++)
            {
                source.FillNext();
                var result = await Peer.Within(transport.Input.ReadAsync());
                transport.Input.AdvanceTo(result.Buffer.End);
            }

            var waiting = transport.Input.ReadAsync().AsTask();
            waiting.IsCompleted.Should().BeFalse();
            pool.Out.Should().Be(0, "nothing is unread");

            source.End();
            (await waiting).IsCompleted.Should().BeTrue();
        }

        pool.Faults.Should().BeEmpty();
    }

    [Test]
    public async Task A_cancellation_that_comes_while_the_wait_is_begun_is_not_lost()
    {
        var pool = new TrackingPool();
        var reader = new HookedReader(pool);
        reader.OnceInWait = reader.CancelPendingRead;
        var cancelled = await Peer.Within(reader.ReadAsync());
        cancelled.IsCanceled.Should().BeTrue();
        reader.AdvanceTo(cancelled.Buffer.Start);

        // The wait went on, and is the next read's.
        var reading = reader.ReadAsync().AsTask();
        reading.IsCompleted.Should().BeFalse();
        reader.Arrived.SetResult(0);
        var result = await reading;
        result.IsCanceled.Should().BeFalse();
        result.Buffer.Length.Should().Be(5);
        reader.AdvanceTo(result.Buffer.End);
        await reader.CompleteAsync();
        pool.Out.Should().Be(0);
    }

    [Test]
    public async Task A_peer_that_always_has_more_leaves_a_thread_of_the_pool_to_others_from_time_to_time()
    {
        var pool = new TrackingPool();
        var reader = new EndlessReader(pool);
        await Task.Run(async () =>
        {
            var inARow = 0;
            for (var reads = 0; reads < 100; reads++)
            {
                var read = reader.ReadAsync();
                inARow = read.IsCompleted ? inARow + 1 : 0;
                inARow.Should().BeLessThan(10);
                reader.AdvanceTo((await Peer.Within(read)).Buffer.End);
            }
        });

        await reader.CompleteAsync();
        pool.Out.Should().Be(0);
    }

    [Test]
    public void A_thread_of_ones_own_is_not_left_while_there_is_more()
    {
        var pool = new TrackingPool();
        var reader = new EndlessReader(pool);
        var all = true;
        var thread = new Thread(() =>
        {
            for (var reads = 0; reads < 1000 && all; reads++)
            {
                var read = reader.ReadAsync();
                all = read.IsCompletedSuccessfully;
                reader.AdvanceTo(all ? read.Result.Buffer.End : default);
            }
        });
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(30)).Should().BeTrue();

        all.Should().BeTrue();
        reader.Complete();
        pool.Out.Should().Be(0);
    }

    [Test]
    public async Task Messages_that_just_do_not_fit_soon_come_in_one_receive_each()
    {
        const int Message = (16 * 1024) + 8;
        var pool = new TrackingPool();
        var reader = new MessageByMessage(pool, Message);
        var receives = 0;
        for (var messages = 0; messages < 10; messages++)
        {
            receives = 0;
            for (var received = 0L; received < Message; receives++)
            {
                // As a connection does: what has come of a message is taken, its end or not.
                var result = await Peer.Within(reader.ReadAsync());
                received += result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
            }
        }

        receives.Should().Be(1);
        await reader.CompleteAsync();
        pool.Out.Should().Be(0);
    }

    // One message is there after another, and the next not before the last is taken.
    private sealed class MessageByMessage(TrackingPool pool, int size) : TransportReader(pool)
    {
        private int _taken;

        protected override bool ReceiveWaits => false;

        protected override ValueTask<int> WaitAsync() => new(0);

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
        {
            var received = Math.Min(size - _taken, buffer.Length);
            _taken = (_taken + received) % size;
            return new(received);
        }
    }

    // There is always something.
    private sealed class EndlessReader(TrackingPool pool) : TransportReader(pool)
    {
        protected override bool ReceiveWaits => false;

        protected override ValueTask<int> WaitAsync() => new(0);

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => new(buffer.Length);
    }

    // Lets a test do something between the look at what is there and the wait.
    private sealed class HookedReader(TrackingPool pool) : TransportReader(pool)
    {
        public TaskCompletionSource<int> Arrived { get; } = new();

        public Action? OnceInWait { get; set; }

        protected override bool ReceiveWaits => false;

        protected override ValueTask<int> WaitAsync()
        {
            var hook = OnceInWait;
            OnceInWait = null;
            hook?.Invoke();
            return new(Arrived.Task);
        }

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => new(5);
    }

    // Fills the next buffer; otherwise waits, whatever the buffer.
    private sealed class WaitingStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _end = new();
        private bool _fill;

        public void FillNext() => _fill = true;

        public void End() => _end.SetResult(0);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var filled = _fill;
            _fill &= buffer.IsEmpty;
            return filled ? new(buffer.Length) : new(_end.Task);
        }
    }
}
