namespace RawSocketChat;

/// <summary>How a server's connections receive and send.</summary>
public enum ServerTransport
{
    /// <summary><see cref="Epoll"/> where the platform has it, <see cref="Portable"/> elsewhere.</summary>
    Automatic,

    /// <summary>The framework's sockets, on every operating system.</summary>
    Portable,

    /// <summary>Loops of the library's own over epoll, on Linux: the fewest system calls for a message.</summary>
    Epoll,
}
