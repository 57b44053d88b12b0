using System.Buffers;
using System.IO.Pipelines;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>A connection over pipes in memory, and its other end in the hands of a test.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly Pipe _toConnection;
    private readonly Pipe _fromConnection;
    private readonly EndpointRole _role;

    public Peer(EndpointRole role = EndpointRole.Server, WebSocketConnectionOptions? options = null, long outgoingCapacity = 0, PerMessageDeflate? deflate = null,
        CancellationToken stopping = default)
    {
        _role = role;
        _toConnection = new(new PipeOptions(
            pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        _fromConnection = new(new PipeOptions(
            pauseWriterThreshold: outgoingCapacity, resumeWriterThreshold: outgoingCapacity > 0 ? 1 : 0, useSynchronizationContext: false));
        Transport = new(new Duplex(_toConnection.Reader, _fromConnection.Writer));
        Connection = new(
            Transport,
            role,
            options ?? new() { KeepAliveInterval = Timeout.InfiniteTimeSpan },
            deflate: deflate,
            stopping: stopping);
    }

    public WebSocketConnection Connection { get; }

    public PipeTransport Transport { get; }

    /// <summary>Waits, generously, until something holds that no task tells of.</summary>
    public static void Until(Func<bool> holds) => SpinWait.SpinUntil(holds, Bound).Should().BeTrue();

    public static async Task<T> Within<T>(ValueTask<T> task) => await task.AsTask().WaitAsync(Bound);

    public static async Task Within(ValueTask task) => await task.AsTask().WaitAsync(Bound);

    public static async Task<T> Within<T>(Task<T> task) => await task.WaitAsync(Bound);

    public static async Task Within(Task task) => await task.WaitAsync(Bound);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _toConnection.Writer.WriteAsync(bytes);

    public Task SendAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool final = true) =>
        WriteAsync(FrameBytes.To(_role, opcode, payload.Span, final));

    public Task SendCloseAsync(int status) => WriteAsync(FrameBytes.CloseTo(_role, status));

    public void EndInput() => _toConnection.Writer.Complete();

    /// <summary>The next frame that the connection has sent; null at the end.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)?> ReadFrameAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        while (true)
        {
            var result = await _fromConnection.Reader.ReadAsync(bound.Token);
            var bytes = result.Buffer.ToArray();
            var other = _role == EndpointRole.Server ? EndpointRole.Client : EndpointRole.Server;
            var status = FrameHeader.TryRead(bytes, other, _state, out var header, out var violation);
            violation.Should().BeNull();
            if (status == FrameReadStatus.Done && bytes.Length >= header.Size + header.PayloadLength)
            {
                var payload = bytes.AsSpan(header.Size, (int)header.PayloadLength).ToArray();
                Masking.Apply(payload, header.MaskKey);
                _fromConnection.Reader.AdvanceTo(result.Buffer.GetPosition(header.Size + payload.Length));
                if (header.Opcode < Opcode.Close)
                {
                    _state = header.IsFinal ? FragmentState.None : FragmentState.InMessage;
                }

                return (header, payload);
            }

            if (result.IsCompleted)
            {
                bytes.Should().BeEmpty("no frame is cut off");
                return null;
            }

            _fromConnection.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Takes so many of the bytes that the connection has sent, whatever they mean.</summary>
    public async Task TakeAsync(int bytes)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (bytes > 0)
        {
            var result = await _fromConnection.Reader.ReadAsync(bound.Token);
            var taken = (int)Math.Min(bytes, result.Buffer.Length);
            _fromConnection.Reader.AdvanceTo(result.Buffer.GetPosition(taken));
            bytes -= taken;
        }
    }

    public async Task<(Opcode Opcode, byte[] Payload)> ExpectFrameAsync()
    {
        var frame = await ReadFrameAsync();
        frame.Should().NotBeNull();
        return (frame!.Value.Header.Opcode, frame.Value.Payload);
    }

    public async Task ExpectCloseAsync(int status)
    {
        var (opcode, payload) = await ExpectFrameAsync();
        opcode.Should().Be(Opcode.Close);
        (payload.Length == 0 ? 1005 : (payload[0] << 8) | payload[1]).Should().Be(status);
    }

    public async ValueTask DisposeAsync()
    {
        EndInput();
        await Within(Connection.DisposeAsync());
    }

    private FragmentState _state;
}
