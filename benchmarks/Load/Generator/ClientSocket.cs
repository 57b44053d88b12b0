using System.Buffers.Binary;

using RawSocketChat.Load.Machine;

namespace RawSocketChat.Load.Generator;

/// <summary>A connected TCP socket on the loopback interface, as a bare descriptor: it costs the generator next to nothing.</summary>
internal sealed unsafe class ClientSocket : IDisposable
{
    private const int InternetFamily = 2;
    private const int Stream = 1;
    private const int CloseOnExec = 0x80000;
    private const int TcpLevel = 6;
    private const int NoDelay = 1;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;

    /// <summary>Connects; on the loopback interface that takes no waiting worth an event.</summary>
    public ClientSocket(int port)
    {
        Descriptor = Libc.Socket(InternetFamily, Stream | CloseOnExec, 0);
        if (Descriptor < 0)
        {
            throw Libc.Failure("socket");
        }

        // struct sockaddr_in: family, port, address, the last two in network order.
        var address = stackalloc byte[16];
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = InternetFamily;
        BinaryPrimitives.WriteUInt16BigEndian(new(address + 2, 2), (ushort)port);
        (address[4], address[7]) = (127, 1);
        var on = 1;
        if (Libc.Connect(Descriptor, address, 16) != 0 || Libc.SetSocketOption(Descriptor, TcpLevel, NoDelay, &on, sizeof(int)) != 0)
        {
            var failure = Libc.Failure("connect");
            Dispose();
            throw failure;
        }
    }

    public int Descriptor { get; }

    /// <summary>Receives what is there; 0 at the end of the stream, -1 where nothing is there.</summary>
    public int Receive(Span<byte> buffer, bool wait = false)
    {
        fixed (byte* start = buffer)
        {
            return Checked(Libc.Receive(Descriptor, start, (nuint)buffer.Length, wait ? 0 : DontWait), "recv");
        }
    }

    /// <summary>Sends as much as the system takes; -1 where there is no room.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Checked(Libc.Send(Descriptor, start, (nuint)bytes.Length, DontWait | NoSignal), "send");
        }
    }

    public void Dispose() => _ = Libc.Close(Descriptor);

    private static int Checked(nint result, string call) =>
        result >= 0 ? (int)result
        : System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.TryAgain ? -1
        : throw Libc.Failure(call);
}
