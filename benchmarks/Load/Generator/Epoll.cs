using System.Runtime.InteropServices;

using RawSocketChat.Load.Machine;

namespace RawSocketChat.Load.Generator;

/// <summary>Tells which of many sockets can be read or written, by numbers that the caller gives them.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Modify = 3;
    private const uint Readable = 0x1;
    private const uint Writable = 0x4;
    private const int Capacity = 512;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly int _descriptor;
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * EventSize));

    public Epoll()
    {
        _descriptor = Libc.EpollCreate(CloseOnExec);
        if (_descriptor < 0)
        {
            throw Libc.Failure("epoll_create1");
        }
    }

    /// <summary>Watches a socket for what can be read. It is watched until it is closed.</summary>
    public void Watch(int socket, int number) => Control(Add, socket, number, Readable);

    /// <summary>Watches, or no longer watches, a socket for room to write as well.</summary>
    public void WatchRoom(int socket, int number, bool isWanted) => Control(Modify, socket, number, isWanted ? Readable | Writable : Readable);

    /// <summary>Waits until a socket is ready; 0 where none was in that time.</summary>
    public int Wait(int milliseconds)
    {
        var count = Libc.EpollWait(_descriptor, _events, Capacity, milliseconds);
        return Math.Max(0, count); // Interrupted by a signal: nothing is ready.
    }

    /// <summary>The number of a socket that is ready, and what for; an end or an error is told by reading.</summary>
    public int Ready(int index, out bool canRead, out bool canWrite)
    {
        var entry = _events + (index * EventSize);
        var what = *(uint*)entry;
        canRead = (what & ~Writable) != 0;
        canWrite = (what & Writable) != 0;
        return *(int*)(entry + DataOffset);
    }

    public void Dispose()
    {
        _ = Libc.Close(_descriptor);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int socket, int number, uint interest)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = interest;
        *(long*)(entry + DataOffset) = number;
        if (Libc.EpollControl(_descriptor, operation, socket, entry) != 0)
        {
            throw Libc.Failure("epoll_ctl");
        }
    }
}
