using System.Runtime.InteropServices;

namespace RawSocketChat;

/// <summary>An array of <c>struct epoll_event</c>, which is packed on x64 and is not elsewhere.</summary>
internal static class EpollEvents
{
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>The bytes of one.</summary>
    public static int Size { get; } = DataOffset + sizeof(ulong);

    public static void Write(Span<byte> @event, int flags, ulong data)
    {
        MemoryMarshal.Write(@event, flags);
        MemoryMarshal.Write(@event[DataOffset..], data);
    }

    public static (int Flags, ulong Data) Read(ReadOnlySpan<byte> events, int index)
    {
        var @event = events.Slice(index * Size, Size);
        return (MemoryMarshal.Read<int>(@event), MemoryMarshal.Read<ulong>(@event[DataOffset..]));
    }
}
