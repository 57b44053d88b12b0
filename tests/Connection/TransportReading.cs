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
