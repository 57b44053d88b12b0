using System.Net.Sockets;

namespace BareTcp;

/// <summary>
/// The same on one thread that waits for all connections by itself: one receive and one send for all that came in one piece. Of
/// a message that is cut, what has come is copied out and back again.
/// </summary>
internal sealed unsafe class EpollServer(Socket listener)
{
    private const int BufferSize = 512 * 1024;
    private const int MostEvents = 512;

    private readonly int _epoll = Libc.EpollCreate(0);
    private readonly int _listener = (int)listener.SafeHandle.DangerousGetHandle();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    private readonly byte[] _events = GC.AllocateUninitializedArray<byte>(MostEvents * Libc.EventSize, pinned: true);
    private readonly List<int> _members = [];
    private Peer?[] _peers = new Peer?[1024];

    /// <summary>Serves until the process ends.</summary>
    public void Run()
    {
        Watch(_listener);
        fixed (byte* events = _events)
        {
            while (true)
            {
                var count = Libc.EpollWait(_epoll, events, MostEvents, -1);
                for (var i = 0; i < count; i++)
                {
                    var descriptor = *(int*)(events + (i * Libc.EventSize) + Libc.DataOffset);
                    if (descriptor == _listener)
                    {
                        Accept();
                    }
                    else
                    {
                        Serve(descriptor, _peers[descriptor]!);
                    }
                }
            }
        }
    }

    private void Accept()
    {
        var descriptor = Libc.Accept(_listener, null, null, Libc.CloseOnExec);
        if (descriptor < 0)
        {
            return;
        }

        var noDelay = 1;
        _ = Libc.SetSocketOption(descriptor, Libc.TcpLevel, Libc.NoDelay, &noDelay, sizeof(int));
        if (descriptor >= _peers.Length)
        {
            Array.Resize(ref _peers, Math.Max(2 * _peers.Length, descriptor + 1));
        }

        _peers[descriptor] = new();
        Watch(descriptor);
    }

    private void Serve(int descriptor, Peer peer)
    {
        var rest = peer.Rest;
        rest.CopyTo(_buffer, 0);
        nint received;
        fixed (byte* start = _buffer)
        {
            received = Libc.Receive(descriptor, start + rest.Length, (nuint)(BufferSize - rest.Length), Libc.DontWait);
        }

        if (received < 0)
        {
            return;
        }

        var bytes = _buffer.AsSpan(0, rest.Length + (int)received);
        if (received == 0 || !Answer(descriptor, peer, ref bytes))
        {
            _members.Remove(descriptor);
            _peers[descriptor] = null;
            _ = Libc.Close(descriptor);
        }
        else if (bytes.Length > 0 || rest.Length > 0)
        {
            peer.Rest = bytes.ToArray();
        }
    }

    // False at the end of the connection.
    private bool Answer(int descriptor, Peer peer, ref Span<byte> bytes)
    {
        if (!peer.IsOpen)
        {
            var length = Opening.Length(bytes);
            if (length == 0)
            {
                return true;
            }

            Send(descriptor, Opening.Answer(bytes[..length], out var path));
            peer.IsOpen = path is not null;
            peer.IsMember = path == "/broadcast";
            bytes = bytes[length..];
            if (peer.IsMember)
            {
                _members.Add(descriptor);
            }

            if (!peer.IsOpen)
            {
                return false;
            }
        }

        var (consumed, answered, closed) = Frames.Turn(bytes);
        if (answered > 0 && peer.IsMember && !closed)
        {
            foreach (var member in _members)
            {
                Send(member, bytes[..answered]);
            }
        }
        else if (answered > 0)
        {
            Send(descriptor, bytes[..answered]);
        }

        bytes = bytes[consumed..];
        return !closed;
    }

    // Waits where the system takes no more: the peers of a measurement read.
    private static void Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint sent;
            fixed (byte* start = bytes)
            {
                sent = Libc.Send(descriptor, start, (nuint)bytes.Length, Libc.NoSignal);
            }

            if (sent < 0)
            {
                return;
            }

            bytes = bytes[(int)sent..];
        }
    }

    private void Watch(int descriptor)
    {
        var entry = stackalloc byte[Libc.EventSize];
        *(int*)entry = Libc.Readable;
        *(long*)(entry + Libc.DataOffset) = descriptor;
        _ = Libc.EpollControl(_epoll, Libc.Add, descriptor, entry);
    }

    private sealed class Peer
    {
        public byte[] Rest { get; set; } = [];

        public bool IsOpen { get; set; }

        public bool IsMember { get; set; }
    }
}
