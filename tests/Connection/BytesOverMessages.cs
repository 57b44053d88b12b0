using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>A connection as a stream and as a pipe: bytes that binary messages carry.</summary>
public sealed class BytesOverMessages
{
    private TrackingPool _pool = null!;
    private WebSocketPair _pair = null!;

    [SetUp]
    public void Connect()
    {
        _pool = new();
        _pair = WebSocketConnection.CreatePair(new()
        {
            BufferPool = _pool,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            MaxMessageSize = 1000,
            MaxOutgoingBytes = 64 * 1024,
        });
    }

    [TearDown]
    public async Task Disconnect()
    {
        await _pair.DisposeAsync();
        _pool.Out.Should().Be(0);
        _pool.Faults.Should().BeEmpty();
    }

    // ---- Streams.

    [Test]
    public async Task The_bytes_of_all_messages_are_read_one_after_another([Range(1, 8)] int size)
    {
        await SendAsync("one ", "", "two ", "three");
        _pair.Client.StartClose(WebSocketCloseStatus.NormalClosure);
        var stream = _pair.Server.AsStream();
        var read = new StringBuilder();
        var buffer = new byte[size];
        for (int length; (length = await Peer.Within(stream.ReadAsync(buffer.AsMemory()))) > 0;)
        {
            read.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        read.ToString().Should().Be("one two three");
        (await Peer.Within(stream.ReadAsync(buffer.AsMemory()))).Should().Be(0, "the end stays the end");
    }

    [Test]
    public async Task Each_write_is_a_binary_message_and_an_empty_one_is_none()
    {
        var stream = _pair.Server.AsStream(leaveOpen: true);
        await stream.WriteAsync("one"u8.ToArray());
        await stream.WriteAsync(ReadOnlyMemory<byte>.Empty);
        await stream.WriteAsync("two"u8.ToArray());
        await stream.FlushAsync();
        var first = await Peer.Within(_pair.Client.ReceiveAsync());
        (first.Type, first.Text).Should().Be((WebSocketMessageType.Binary, "one"));
        (await Peer.Within(_pair.Client.ReceiveAsync())).Text.Should().Be("two");
        await stream.DisposeAsync();
        _pair.Server.State.Should().Be(WebSocketState.Open);
        await FluentActions.Awaiting(() => stream.WriteAsync(new byte[1]).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => stream.ReadAsync(new byte[1]).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Test]
    public async Task Disposing_the_stream_closes_with_1000_and_is_the_others_end([Values] bool isAsync)
    {
        var stream = _pair.Server.AsStream();
        await stream.WriteAsync("last"u8.ToArray());
        var disposing = isAsync ? stream.DisposeAsync().AsTask() : Task.Run(stream.Dispose);
        var other = _pair.Client.AsStream();
        using var read = new MemoryStream();
        await Peer.Within(other.CopyToAsync(read));
        read.ToArray().Should().Equal("last"u8.ToArray());
        _pair.Client.Closure!.Status.Should().Be(WebSocketCloseStatus.NormalClosure);
        await Peer.Within(disposing);
    }

    [TestCase(1000, true)]
    [TestCase(1001, true)]
    [TestCase(1005, true)]
    [TestCase(1011, false)]
    [TestCase(4000, false)]
    public async Task Only_an_ordinary_close_is_the_end_of_the_bytes(int status, bool isOrdinary)
    {
        await SendAsync("half");
        _pair.Client.StartClose((WebSocketCloseStatus)status);
        using var read = new MemoryStream();
        var stream = _pair.Server.AsStream();
        var copying = () => Peer.Within(stream.CopyToAsync(read));
        if (isOrdinary)
        {
            await copying();
        }
        else
        {
            (await FluentActions.Awaiting(copying).Should().ThrowAsync<IOException>()).Which.Should().BeOfType<ConnectionClosedException>();
        }

        read.Length.Should().Be(4);
    }

    [Test]
    public async Task A_cut_and_a_close_in_the_middle_of_a_message_are_errors([Values] bool isCut)
    {
        await using var peer = new Peer();
        await peer.SendAsync(Opcode.Binary, "ha"u8.ToArray(), final: false);
        var stream = peer.Connection.AsStream();
        (await Peer.Within(stream.ReadAsync(new byte[10].AsMemory()))).Should().Be(2);
        if (isCut)
        {
            peer.EndInput();
        }
        else
        {
            await peer.SendCloseAsync(1000);
        }

        await FluentActions.Awaiting(() => Peer.Within(stream.ReadAsync(new byte[10].AsMemory()))).Should().ThrowAsync<IOException>();
    }

    [Test]
    public async Task Text_is_refused_with_1003([Values] bool asPipe)
    {
        await _pair.Client.SendAsync("text");
        var receiving = _pair.Client.ReceiveAsync().AsTask();
        Func<Task> read = asPipe ? ReadPipe(_pair.Server.AsDuplexPipe()) : ReadStream(_pair.Server.AsStream());
        await FluentActions.Awaiting(read).Should().ThrowAsync<InvalidDataException>();
        await FluentActions.Awaiting(read).Should().ThrowAsync<InvalidDataException>();
        await FluentActions.Awaiting(() => Peer.Within(receiving)).Should().ThrowAsync<ConnectionClosedException>();
        _pair.Client.Closure!.Status.Should().Be(WebSocketCloseStatus.InvalidMessageType);

        static Func<Task> ReadPipe(IDuplexPipe pipe) => async () => await Peer.Within(pipe.Input.ReadAsync());
        static Func<Task> ReadStream(Stream stream) => async () => await Peer.Within(stream.ReadAsync(new byte[10].AsMemory()));
    }

    [Test]
    public async Task A_cancelled_read_loses_nothing_and_a_read_of_zero_bytes_waits()
    {
        var stream = _pair.Server.AsStream();
        using var cancellation = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[10].AsMemory(), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(reading)).Should().ThrowAsync<OperationCanceledException>();

        var waiting = stream.ReadAsync(Memory<byte>.Empty).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        await SendAsync("here");
        (await Peer.Within(waiting)).Should().Be(0);
        (await Peer.Within(stream.ReadAsync(new byte[10].AsMemory()))).Should().Be(4);
    }

    [Test]
    public async Task The_synchronous_calls_and_those_with_callbacks_work()
    {
        var (one, other) = (_pair.Client.AsStream(), _pair.Server.AsStream());
        await Peer.Within(Task.Run(() =>
        {
            one.Write("hello "u8);
            one.Write("world"u8.ToArray(), 0, 5);
            one.EndWrite(one.BeginWrite("!\n"u8.ToArray(), 0, 2, null, null));
            one.Flush();
            new StreamReader(other).ReadLine().Should().Be("hello world!");
        }));
        var buffer = new byte[10];
        var reading = other.BeginRead(buffer, 0, 10, null, null);
        await one.WriteAsync("x"u8.ToArray());
        (await Peer.Within(Task.Run(() => other.EndRead(reading)))).Should().Be(1);
        other.CanSeek.Should().BeFalse();
        FluentActions.Invoking(() => other.Length).Should().Throw<NotSupportedException>();
        FluentActions.Invoking(() => other.Seek(0, SeekOrigin.Begin)).Should().Throw<NotSupportedException>();
    }

    [Test]
    public async Task TLS_runs_over_streams()
    {
        using var certificate = TestCertificate.Create();
        await using var client = new SslStream(_pair.Client.AsStream(), leaveInnerStreamOpen: false, (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString());
        await using var server = new SslStream(_pair.Server.AsStream(), leaveInnerStreamOpen: false);
        await Peer.Within(Task.WhenAll(client.AuthenticateAsClientAsync("localhost"), server.AuthenticateAsServerAsync(certificate)));
        var payload = RandomBytes(new(3), 100_000);
        var writing = client.WriteAsync(payload).AsTask();
        var read = new byte[payload.Length];
        await Peer.Within(server.ReadExactlyAsync(read));
        await Peer.Within(writing);
        read.Should().Equal(payload);
        await Peer.Within(Task.WhenAll(client.DisposeAsync().AsTask(), server.DisposeAsync().AsTask()));
    }

    [Test]
    public async Task Aborting_ends_a_pending_read_and_write()
    {
        var stream = _pair.Server.AsStream();
        var reading = stream.ReadAsync(new byte[10].AsMemory()).AsTask();
        _pair.Server.Abort();
        await FluentActions.Awaiting(() => Peer.Within(reading)).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => Peer.Within(stream.WriteAsync(new byte[1]))).Should().ThrowAsync<IOException>();
    }

    // ---- Pipes.

    [Test]
    public async Task Bytes_go_through_pipes_both_ways_however_they_are_cut([Range(1, 10)] int seed)
    {
        var (client, server) = (_pair.Client.AsDuplexPipe(), _pair.Server.AsDuplexPipe());
        var random = new Random(seed);
        var (up, down) = (RandomBytes(random, 400_000), RandomBytes(random, 400_000));
        await Peer.Within(Task.WhenAll(
            WriteAllAsync(client.Output, up, random.Next()),
            WriteAllAsync(server.Output, down, random.Next()),
            ExpectAllAsync(server.Input, up, random.Next()),
            ExpectAllAsync(client.Input, down, random.Next())));
        await Peer.Within(_pair.DisposeAsync());
        _pair.Client.Closure!.Cause.Should().Be(CloseCause.ClosingHandshake);
        _pair.Client.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task What_is_flushed_together_is_one_message([Values(10, 5000, 200_000)] int length)
    {
        var pipe = _pair.Client.AsDuplexPipe();
        var payload = RandomBytes(new(1), length);
        pipe.Output.Write(payload);
        pipe.Output.UnflushedBytes.Should().Be(length);
        var flushing = pipe.Output.FlushAsync().AsTask();
        await using var message = await Peer.Within(_pair.Server.ReceiveStreamAsync());
        message.MessageType.Should().Be(WebSocketMessageType.Binary);
        using var received = new MemoryStream();
        await Peer.Within(message.CopyToAsync(received));
        received.ToArray().Should().Equal(payload);
        (await Peer.Within(flushing)).IsCompleted.Should().BeFalse();
        pipe.Output.UnflushedBytes.Should().Be(0);
        (await Peer.Within(pipe.Output.FlushAsync())).IsCanceled.Should().BeFalse("nothing to flush is no message");
    }

    [Test]
    public async Task A_flush_waits_for_a_peer_that_does_not_read()
    {
        var (client, server) = (_pair.Client.AsDuplexPipe(), _pair.Server.AsDuplexPipe());
        Task<FlushResult> flushing;
        var written = 0;
        do
        {
            client.Output.Write(new byte[10_000]);
            written += 10_000;
            flushing = client.Output.FlushAsync().AsTask();
        }
        while (flushing.IsCompleted);

        written.Should().BeLessThan(1_000_000);
        for (var read = 0L; read < written;)
        {
            var result = await Peer.Within(server.Input.ReadAsync());
            read += result.Buffer.Length;
            server.Input.AdvanceTo(result.Buffer.End);
        }

        (await Peer.Within(flushing)).IsCompleted.Should().BeFalse();
    }

    [Test]
    public async Task A_cancelled_flush_keeps_what_was_not_sent_for_the_next([Values] bool byToken)
    {
        var (client, server) = (_pair.Client.AsDuplexPipe(), _pair.Server.AsDuplexPipe());
        var payload = RandomBytes(new(2), 600_000);
        client.Output.Write(payload);
        using var cancellation = new CancellationTokenSource();
        var flushing = client.Output.FlushAsync(cancellation.Token).AsTask();
        flushing.IsCompleted.Should().BeFalse();
        if (byToken)
        {
            await cancellation.CancelAsync();
            await FluentActions.Awaiting(() => Peer.Within(flushing)).Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            client.Output.CancelPendingFlush();
            (await Peer.Within(flushing)).IsCanceled.Should().BeTrue();
        }

        var expecting = ExpectAllAsync(server.Input, payload, 1);
        (await Peer.Within(client.Output.FlushAsync())).IsCanceled.Should().BeFalse();
        await client.Output.CompleteAsync();
        await Peer.Within(expecting);
        await client.Input.CompleteAsync();
    }

    [Test]
    public async Task A_cancelled_read_is_a_result_and_loses_nothing([Values] bool isPending)
    {
        var pipe = _pair.Server.AsDuplexPipe();
        var reading = isPending ? pipe.Input.ReadAsync().AsTask() : null;
        pipe.Input.CancelPendingRead();
        var canceled = await Peer.Within(reading ?? pipe.Input.ReadAsync().AsTask());
        canceled.IsCanceled.Should().BeTrue();
        canceled.Buffer.IsEmpty.Should().BeTrue();
        pipe.Input.AdvanceTo(canceled.Buffer.End);
        pipe.Input.TryRead(out _).Should().BeFalse();

        await SendAsync("here");
        var result = await Peer.Within(pipe.Input.ReadAsync());
        (result.IsCanceled, Encoding.UTF8.GetString(result.Buffer)).Should().Be((false, "here"));
        pipe.Input.AdvanceTo(result.Buffer.Start);
        pipe.Input.TryRead(out result).Should().BeTrue("nothing was examined");
        pipe.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        pipe.Input.TryRead(out _).Should().BeFalse("everything was");

        using var cancellation = new CancellationTokenSource();
        var byToken = pipe.Input.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => Peer.Within(byToken)).Should().ThrowAsync<OperationCanceledException>();

        await SendAsync(" and there");
        result = await Peer.Within(pipe.Input.ReadAsync());
        Encoding.UTF8.GetString(result.Buffer).Should().Be("here and there");
        pipe.Input.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task A_piece_that_is_consumed_whole_is_never_copied()
    {
        var pipe = _pair.Server.AsDuplexPipe();
        for (var i = 0; i < 10; i++)
        {
            await SendAsync("piece");
            var result = await Peer.Within(pipe.Input.ReadAsync());
            _pool.Out.Should().Be(0, "the bytes are shown where they were received");
            pipe.Input.AdvanceTo(result.Buffer.End);
        }
    }

    [Test]
    public async Task Completing_the_output_ends_the_others_input_and_ones_own_goes_on()
    {
        var (client, server) = (_pair.Client.AsDuplexPipe(), _pair.Server.AsDuplexPipe());
        client.Output.Write("request"u8);
        await client.Output.CompleteAsync();
        FluentActions.Invoking(() => client.Output.GetMemory()).Should().Throw<InvalidOperationException>();
        var request = await Peer.Within(server.Input.ReadAtLeastAsync(7));
        Encoding.UTF8.GetString(request.Buffer).Should().Be("request");
        server.Input.AdvanceTo(request.Buffer.End);
        (await Peer.Within(server.Input.ReadAsync())).IsCompleted.Should().BeTrue();

        server.Output.Write("answer"u8);
        (await Peer.Within(server.Output.FlushAsync())).IsCompleted.Should().BeFalse("the other half is open");
        var answer = await Peer.Within(client.Input.ReadAtLeastAsync(6));
        Encoding.UTF8.GetString(answer.Buffer).Should().Be("answer");
        client.Input.AdvanceTo(answer.Buffer.End);
        await server.Output.CompleteAsync();
        (await Peer.Within(client.Input.ReadAsync())).IsCompleted.Should().BeTrue();
        _pair.Client.State.Should().Be(WebSocketState.Closed);
        foreach (var pipe in (IDuplexPipe[])[client, server])
        {
            await pipe.Input.CompleteAsync();
            await pipe.Output.CompleteAsync();
        }

        FluentActions.Invoking(() => client.Input.TryRead(out _)).Should().Throw<InvalidOperationException>();
    }

    [Test]
    public async Task Completing_the_output_with_an_exception_closes_with_1011()
    {
        var (client, server) = (_pair.Client.AsDuplexPipe(), _pair.Server.AsDuplexPipe());
        client.Output.Write("half"u8);
        await client.Output.CompleteAsync(new InvalidOperationException());
        await FluentActions.Awaiting(() => Peer.Within(server.Input.ReadAsync())).Should().ThrowAsync<ConnectionClosedException>();
        _pair.Server.Closure!.Status.Should().Be(WebSocketCloseStatus.InternalServerError);
    }

    [Test]
    public async Task A_lost_connection_is_an_error_of_both_halves()
    {
        var pipe = _pair.Server.AsDuplexPipe();
        var reading = pipe.Input.ReadAsync().AsTask();
        _pair.Client.Abort();
        await FluentActions.Awaiting(() => Peer.Within(reading)).Should().ThrowAsync<IOException>();
        pipe.Output.Write(new byte[10]);
        await FluentActions.Awaiting(() => Peer.Within(pipe.Output.FlushAsync())).Should().ThrowAsync<IOException>();
        await pipe.Output.CompleteAsync();
        await pipe.Input.CompleteAsync();
    }

    private async Task SendAsync(params string[] messages)
    {
        foreach (var message in messages)
        {
            await _pair.Client.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Binary);
        }
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task WriteAllAsync(PipeWriter writer, byte[] bytes, int seed)
    {
        var random = new Random(seed);
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, random.Next(1, random.Next(4) == 0 ? 30_000 : 300));
            writer.Write(bytes.AsSpan(at, length));
            at += length;
            if (random.Next(3) == 0)
            {
                (await writer.FlushAsync()).IsCompleted.Should().BeFalse();
            }
        }

        await writer.FlushAsync();
        await writer.CompleteAsync();
    }

    // Consumes any part of what it is shown, so that the rest is shown again.
    private static async Task ExpectAllAsync(PipeReader reader, byte[] bytes, int seed)
    {
        var random = new Random(seed);
        var at = 0;
        while (true)
        {
            var result = await reader.ReadAsync();
            var consumed = random.Next(3) == 0 ? random.NextInt64(result.Buffer.Length + 1) : result.Buffer.Length;
            foreach (var memory in result.Buffer.Slice(0, consumed))
            {
                memory.Span.SequenceEqual(bytes.AsSpan(at, memory.Length)).Should().BeTrue();
                at += memory.Length;
            }

            reader.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.End);
            if (result.IsCompleted && consumed == result.Buffer.Length)
            {
                break;
            }
        }

        at.Should().Be(bytes.Length);
        await reader.CompleteAsync();
    }
}
