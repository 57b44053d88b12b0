using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RawSocketChat;

/// <summary>The portable transport over a connected TCP socket. It owns the socket and sets it to non-blocking with no delay.</summary>
public sealed class SocketTransport : Transport
{
    private const int MostBytesInOneWait = 16 * 1024;

    private readonly Socket _socket;
    private readonly SocketReader _reader;
    private List<ArraySegment<byte>>? _gather;
    private long _sent;

    /// <summary>Takes over a socket.</summary>
    /// <param name="socket">A connected stream socket. The transport closes it.</param>
    /// <param name="pool">Where receive buffers are rented.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    public SocketTransport(Socket socket, ArrayPool<byte> pool)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(pool);
        socket.Blocking = false;

        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            // Messages are written whole and coalesced by the sender; Nagle's algorithm would only delay the last one.
            socket.NoDelay = true;
        }

        RemoteEndPoint = socket.RemoteEndPoint;
        _socket = socket;
        _reader = new(socket, pool);
    }

    /// <inheritdoc/>
    public override PipeReader Input => _reader;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    internal override bool IsOnThePool => true;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get
        {
            try
            {
                // Asked for when it is wanted: most never ask, and an idle connection is to be small.
                return _socket.LocalEndPoint;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public override long WriteProgress => Volatile.Read(ref _sent) + AcknowledgedBytes();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
    {
        var rest = TrySend(bytes);
        return rest.IsEmpty ? default : WriteRestAsync(rest);
    }

    /// <inheritdoc/>
    public override ValueTask ShutdownAsync()
    {
        _socket.Shutdown(SocketShutdown.Send);
        return default;
    }

    /// <inheritdoc/>
    public override void DetachInput() => _reader.Detach();

    /// <inheritdoc/>
    public override Stream AsStream()
    {
        // The framework's stream wants a socket that blocks when it is made, and does not mind afterwards.
        _socket.Blocking = true;
        var stream = new NetworkStream(_socket, ownsSocket: false);
        _socket.Blocking = false;
        return stream;
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        try
        {
            // A reset instead of an orderly end: the peer must not take what it has for all there was.
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Closed already: there is nothing left to reset.
        }

        _socket.Dispose();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _reader.Complete();
        return default;
    }

    // The system's send buffer may hold megabytes and take more only when a third of it has gone: to a slow reader that is minutes. What the
    // peer's TCP has acknowledged tells sooner, where the system tells it.
    private long AcknowledgedBytes()
    {
        const int Tcp = 6;
        const int TcpInfo = 11;
        const int BytesAcked = 120;
        if (!OperatingSystem.IsLinux() || _socket.ProtocolType != ProtocolType.Tcp)
        {
            return 0;
        }

        Span<byte> info = stackalloc byte[BytesAcked + sizeof(long)];
        try
        {
            return _socket.GetRawSocketOption(Tcp, TcpInfo, info) == info.Length ? BitConverter.ToInt64(info[BytesAcked..]) : 0;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlySequence<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // Waits for room with a short piece, for the framework's send ends only with its last byte; what follows is gathered again.
            var piece = bytes.First[..Math.Min(bytes.First.Length, MostBytesInOneWait)];
            var sent = await _socket.SendAsync(piece, SocketFlags.None).ConfigureAwait(false);
            Volatile.Write(ref _sent, _sent + sent);
            bytes = TrySend(bytes.Slice(sent));
        }
    }

    // Sends as much as the system takes now, and tells what is left.
    private ReadOnlySequence<byte> TrySend(ReadOnlySequence<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = bytes.IsSingleSegment
                ? _socket.Send(bytes.FirstSpan, SocketFlags.None, out var error)
                : _socket.Send(Gather(bytes), SocketFlags.None, out error);
            if (error is not SocketError.Success and not SocketError.WouldBlock)
            {
                throw new SocketException((int)error);
            }

            // A partial send is told as a success; the next one then finds that there is no room.
            bytes = bytes.Slice(sent);
            Volatile.Write(ref _sent, _sent + sent);
            if (error == SocketError.WouldBlock)
            {
                break;
            }
        }

        return bytes;
    }

    // All segments in one system call; the sender's segments lie in arrays.
    private List<ArraySegment<byte>> Gather(ReadOnlySequence<byte> bytes)
    {
        const int MostSegmentsInOneCall = 64;
        _gather ??= [];
        _gather.Clear();
        foreach (var segment in bytes)
        {
            _gather.Add(MemoryMarshal.TryGetArray(segment, out var array) ? array : new(segment.ToArray()));
            if (_gather.Count == MostSegmentsInOneCall)
            {
                break;
            }
        }

        return _gather;
    }

    private sealed class SocketReader(Socket socket, ArrayPool<byte> pool) : TransportReader(pool)
    {
        protected override bool ReceiveWaits => false;

        protected override ValueTask<int> WaitAsync() => socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
        {
            var received = socket.Receive(buffer.Span, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => new(received),
                SocketError.WouldBlock => new(-1),
                _ => throw new SocketException((int)error),
            };
        }
    }
}
