using System.Runtime.InteropServices;

namespace BareTcp;

/// <summary>The system calls of the loop. Linux.</summary>
internal static unsafe partial class Libc
{
    public const int Add = 1;
    public const int Readable = 1;
    public const int CloseOnExec = 0x80000;
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const int TcpLevel = 6;
    public const int NoDelay = 1;

    // struct epoll_event is packed on x86-64 alone.
    public static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    public static readonly int EventSize = DataOffset + 8;

    [LibraryImport("libc", EntryPoint = "accept4")]
    public static partial int Accept(int socket, byte* address, uint* size, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial int SetSocketOption(int socket, int level, int option, int* value, uint size);

    [LibraryImport("libc", EntryPoint = "recv")]
    public static partial nint Receive(int socket, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    public static partial nint Send(int socket, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* interest);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);
}
