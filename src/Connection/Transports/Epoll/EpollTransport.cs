using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace RawSocketChat;

/// <summary>
/// A TCP connection on one of the epoll loops. Received bytes lie in the loop's one buffer while they are worked through; writes go to the
/// system at once, on the caller's thread, and are finished by the loop where the system takes no more.
/// </summary>
/// <remarks>Its lock is itself, for the state of writing; the reader has its own.</remarks>
internal sealed unsafe class EpollTransport : Transport, IEpollTarget
{
    private const int MostVectors = 16;
    private const int MostCopied = 16 * 1024;

    // After one of these a receive that leaves room may have left something behind: the end, or what stands behind an urgent byte.
    private const int ReadOn = Libc.EpollUrgent | Libc.EpollPeerHangUp | Libc.EpollHangUp | Libc.EpollError;

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly int _descriptor;
    private readonly EpollReader _reader;

    // An address of IPv4 and its port, from which the object is made when it is asked for: most never ask, and an idle connection is to be
    // small.
    private readonly ulong _remoteIPv4;
    private EndPoint? _remote;

    // Made when the system takes no more for the first time.
    private PendingWrite? _pending;

    // Bytes that the system has taken. Only that it changes counts: it may begin anew.
    private uint _sent;
    private bool _waitsForRoom;
    private bool _mayHaveRoom;

    // Who uses the descriptor: the transport itself until it is closed, and each system call. The last one closes it.
    private int _users = 1;
    private bool _closing;

    /// <summary>Takes over a socket's descriptor; the socket is of no use any more.</summary>
    public EpollTransport(Socket socket, EpollLoop loop, ArrayPool<byte> pool, bool inline)
    {
        // Messages are written whole and coalesced by the sender; Nagle's algorithm would only delay the last one.
        socket.NoDelay = socket.ProtocolType == ProtocolType.Tcp;
        _remote = socket.RemoteEndPoint;
        if (_remote is IPEndPoint { AddressFamily: AddressFamily.InterNetwork } ipv4)
        {
            Span<byte> address = stackalloc byte[sizeof(uint)];
            ipv4.Address.TryWriteBytes(address, out _);
            _remoteIPv4 = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(address) << 16) | (ushort)ipv4.Port;
            _remote = null;
        }

        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        _reader = new(this, loop, pool, inline);
        socket.SafeHandle.SetHandleAsInvalid();
#pragma warning disable CA1816 // The descriptor is this transport's now: the socket must not shut it down when it is collected.
        GC.SuppressFinalize(socket);
#pragma warning restore CA1816
    }

    /// <inheritdoc/>
    public override PipeReader Input => _reader;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint =>
        _remoteIPv4 == 0 ? _remote : _remote ??= new IPEndPoint((uint)(_remoteIPv4 >> 16), (ushort)_remoteIPv4);

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => TryEnter() ? FindLocalEndPoint() : null;

    /// <inheritdoc/>
    public override long WriteProgress => Volatile.Read(ref _sent) + AcknowledgedBytes();

    /// <inheritdoc/>
    internal override ITransportLoop Loop => _reader.Loop;

    /// <inheritdoc/>
    public ulong Slot { get; set; }

    /// <inheritdoc/>
    public int Descriptor => _descriptor;

    /// <inheritdoc/>
    public bool IsRequeued { get; set; }

    /// <inheritdoc/>
    public void OnEvents(int flags)
    {
        if ((flags & Libc.EpollOut) != 0)
        {
            OnRoom();
        }

        if ((flags & (Libc.EpollIn | ReadOn)) != 0)
        {
            _reader.OnReadable((flags & ReadOn) != 0, hasTurnToCome: IsRequeued);
        }
    }

    /// <summary>Whether the connection was cut or closed here: its loop may have ended as well.</summary>
    public bool IsClosed => Volatile.Read(ref _closing);

    /// <summary>Throws where the connection was cut or closed here.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _closing), this);

    /// <summary>Receives what is there.</summary>
    /// <returns>The number of bytes; 0 at the end, -1 where there is nothing.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was cut or closed here.</exception>
    public int Receive(Span<byte> buffer)
    {
        Enter();
        nint received;
        int error;
        fixed (byte* start = buffer)
        {
            do
            {
                received = Libc.Receive(_descriptor, start, buffer.Length, Libc.DontWait);
                error = received < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error == Libc.Interrupted);
        }

        Leave();
        return error switch
        {
            0 => (int)received,
            Libc.WouldBlock => -1,
            _ => throw Failure(error),
        };
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
    {
        var rest = Send(bytes);
        if (rest.IsEmpty)
        {
            return default;
        }

        PendingWrite pending;
        lock (this)
        {
            pending = _pending ??= new();
            pending.Begin(rest);
            _waitsForRoom = true;
        }

        // The system may have made room, or the end may have come, before anybody was known to wait for it.
        if (Volatile.Read(ref _mayHaveRoom) || Volatile.Read(ref _closing))
        {
            OnRoom();
        }

        return pending.Task;
    }

    /// <inheritdoc/>
    public override ValueTask ShutdownAsync()
    {
        Enter();
        var error = Libc.Shutdown(_descriptor, Libc.ShutdownWrite) < 0 ? Marshal.GetLastPInvokeError() : 0;
        Leave();
        return error == 0 ? default : ValueTask.FromException(Failure(error));
    }

    /// <inheritdoc/>
    public override void DetachInput() => _reader.Detach();

    /// <inheritdoc/>
    public override void Abort()
    {
        if (TryEnter())
        {
            // A reset instead of an orderly end: the peer must not take what it has for all there was.
            var linger = stackalloc int[2] { 1, 0 };
            _ = Libc.SetOption(_descriptor, Libc.SocketLevel, Libc.Linger, linger, 2 * sizeof(int));
            Leave();
        }

        Close();

        // Not inline: whoever cuts must not find itself running the reader's or the writer's code.
        ThreadPool.UnsafeQueueUserWorkItem(static self => self.OnCut(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Close();
        _reader.Complete();
        if (Volatile.Read(ref _waitsForRoom))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.OnRoom(), this, preferLocal: false);
        }

        return default;
    }

    // What the peer's TCP has taken of what the system has taken: the system's room grows too coarsely for a peer that reads slowly.
    private long AcknowledgedBytes()
    {
        const int BytesAcked = 120;
        if (!TryEnter())
        {
            return 0;
        }

        var info = stackalloc byte[BytesAcked + sizeof(long)];
        var length = BytesAcked + sizeof(long);
        var result = Libc.GetOption(_descriptor, Libc.TcpLevel, Libc.TcpInfo, info, &length);
        Leave();
        return result == 0 && length == BytesAcked + sizeof(long) ? *(long*)(info + BytesAcked) : 0;
    }

    // Asked for when it is wanted: most never ask, and an idle connection is to be small.
    private IPEndPoint? FindLocalEndPoint()
    {
        const int LargestAddress = 128;
        var address = new SocketAddress(AddressFamily.InterNetworkV6, LargestAddress);
        var length = LargestAddress;
        int result;
        fixed (byte* start = address.Buffer.Span)
        {
            result = Libc.GetLocalAddress(_descriptor, start, &length);
        }

        Leave();
        return result < 0 ? null
            : address.Family == AddressFamily.InterNetwork ? (IPEndPoint)new IPEndPoint(0, 0).Create(address)
            : (IPEndPoint)new IPEndPoint(IPAddress.IPv6Any, 0).Create(address);
    }

    private void OnCut()
    {
        OnRoom();
        _reader.OnReadable(untilNothingIsLeft: true, hasTurnToCome: false);
    }

    // Goes on with the write that waits for room, if there is one.
    private void OnRoom()
    {
        while (true)
        {
            PendingWrite pending;
            lock (this)
            {
                if (!_waitsForRoom)
                {
                    _mayHaveRoom = true;
                    return;
                }

                // From here on it is this thread's.
                _waitsForRoom = false;
                pending = _pending!;
            }

            ReadOnlySequence<byte> rest;
            try
            {
                rest = Send(pending.Rest);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                pending.Fail(failure);
                return;
            }

            if (rest.IsEmpty)
            {
                pending.Complete();
                return;
            }

            lock (this)
            {
                pending.Rest = rest;
                _waitsForRoom = true;
                if (!_mayHaveRoom && !_closing)
                {
                    return;
                }
            }
        }
    }

    // Sends as much as the system takes now, and tells what is left.
    private ReadOnlySequence<byte> Send(ReadOnlySequence<byte> bytes)
    {
        Volatile.Write(ref _mayHaveRoom, false);
        while (!bytes.IsEmpty)
        {
            nint sent;
            int error;
            Enter();
            try
            {
                sent = bytes.IsSingleSegment ? SendSpan(bytes.FirstSpan)
                    : bytes.Length <= MostCopied ? SendCopied(bytes)
                    : SendVectors(bytes);
                error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            finally
            {
                // Also where the caller's memory cannot be looked at any more.
                Leave();
            }

            switch (error)
            {
                case 0:
                    _sent += (uint)sent;
                    bytes = bytes.Slice(sent);
                    break;
                case Libc.Interrupted:
                    break;
                case Libc.WouldBlock:
                    return bytes;
                default:
                    throw Failure(error);
            }
        }

        return bytes;
    }

    private nint SendSpan(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Send(_descriptor, start, bytes.Length, Libc.DontWait | Libc.NoSignal);
        }
    }

    // Copying little is cheaper than pinning every piece of it.
    private nint SendCopied(ReadOnlySequence<byte> bytes)
    {
        var scratch = _scratch ??= GC.AllocateUninitializedArray<byte>(MostCopied, pinned: true);
        bytes.CopyTo(scratch);
        return SendSpan(scratch.AsSpan(0, (int)bytes.Length));
    }

    private nint SendVectors(ReadOnlySequence<byte> bytes)
    {
        var pins = new Pins();
        var vectors = stackalloc Libc.Vector[MostVectors];
        var count = 0;
        try
        {
            foreach (var segment in bytes)
            {
                pins[count] = segment.Pin();
                vectors[count] = new() { Start = (byte*)pins[count].Pointer, Length = segment.Length };
                if (++count == MostVectors)
                {
                    break;
                }
            }

            var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = count };
            return Libc.SendMessage(_descriptor, &message, Libc.DontWait | Libc.NoSignal);
        }
        finally
        {
            for (var i = 0; i < count; i++)
            {
                pins[i].Dispose();
            }
        }
    }

    private void Enter() => ObjectDisposedException.ThrowIf(!TryEnter(), this);

    private bool TryEnter()
    {
        while (true)
        {
            var users = Volatile.Read(ref _users);
            if (users == 0 || Volatile.Read(ref _closing))
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
            {
                return true;
            }
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _reader.Loop.Remove(this);

            // Whatever it says, the number may be another connection's by now.
            _ = Libc.Close(_descriptor);
        }
    }

    private void Close()
    {
        if (!Interlocked.Exchange(ref _closing, true))
        {
            Leave();
        }
    }

    private static SocketException Failure(int error) => new((int)(error switch
    {
        Libc.BrokenPipe => SocketError.Shutdown,
        Libc.ConnectionReset => SocketError.ConnectionReset,
        Libc.ConnectionAborted => SocketError.ConnectionAborted,
        Libc.TimedOut => SocketError.TimedOut,
        Libc.HostUnreachable => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    }));

    // A write that the system has not taken whole.
    private sealed class PendingWrite : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _written;

        public ReadOnlySequence<byte> Rest { get; set; }

        public ValueTask Task => new(this, _written.Version);

        public void Begin(ReadOnlySequence<byte> rest)
        {
            _written.Reset();
            Rest = rest;
        }

        public void Complete()
        {
            Rest = default;
            _written.SetResult(true);
        }

        public void Fail(Exception failure)
        {
            Rest = default;
            _written.SetException(failure);
        }

        public void GetResult(short token) => _written.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _written.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _written.OnCompleted(continuation, state, token, flags);
    }

    [InlineArray(MostVectors)]
    private struct Pins
    {
        private MemoryHandle _first;
    }
}
