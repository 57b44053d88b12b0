namespace RawSocketChat;

/// <summary>How connections receive and send: a server's, or a client's.</summary>
public enum TransportKind
{
    /// <summary>
    /// <see cref="Epoll"/> where the platform has it, <see cref="Portable"/> elsewhere, and where the switch
    /// <c>RawSocketChat.PreferPortableTransport</c> in a program's <c>runtimeconfig.json</c> says so.
    /// </summary>
    Automatic,

    /// <summary>The framework's sockets, on every operating system.</summary>
    Portable,

    /// <summary>Loops of the library's own over epoll, on Linux: the fewest system calls for a message.</summary>
    Epoll,
}
