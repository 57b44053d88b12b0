using System.IO.Compression;

using RawSocketChat.Framing;

namespace RawSocketChat;

/// <summary>
/// Whether and how messages are compressed where the peer agrees: permessage-deflate (RFC 7692). The defaults cost no memory while a
/// connection is idle; docs/howto/compress.md says when to choose others.
/// </summary>
public sealed class DeflateOptions
{
    private const int KiB = 1024;
    private const int SmallestWindow = 8;

    /// <summary>
    /// Whether a server's messages may refer to the ones before: better compression of messages that resemble each other, for memory that each
    /// connection holds while it is idle, and each member of a broadcast compresses for itself. Default: false
    /// (<c>server_no_context_takeover</c>, RFC 7692 §7.1.1.1).
    /// </summary>
    public bool ServerContextTakeover { get; init; }

    /// <summary>The same of a client's messages. Default: false (<c>client_no_context_takeover</c>, RFC 7692 §7.1.1.2).</summary>
    public bool ClientContextTakeover { get; init; }

    /// <summary>
    /// The window of the server's messages: they refer to 2 to the power of so many bytes back at most (RFC 7692 §7.1.2.1). 8 to 15; default 15.
    /// </summary>
    public int ServerMaxWindowBits { get; init; } = 15;

    /// <summary>
    /// The same of the client's messages (RFC 7692 §7.1.2.2). 8 to 15; default 15. A server can ask less of a client only if that has offered
    /// <c>client_max_window_bits</c>; with one that has not, it agrees on no context takeover instead, so that nothing is held.
    /// </summary>
    public int ClientMaxWindowBits { get; init; } = 15;

    /// <summary>How hard to try. Default: <see cref="CompressionLevel.Fastest"/>. Not <see cref="CompressionLevel.NoCompression"/>.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Fastest;

    /// <summary>Shorter messages, in bytes of payload, are sent as they are. 0 to 1 GiB; default 64.</summary>
    public int MinMessageSize { get; init; } = 64;

    /// <summary>
    /// How many bytes a connection may hold for compression while it is idle. Where the takeover and the windows asked for would take more,
    /// smaller windows are negotiated, and then no takeover. 0 (no takeover at all) to 1 MiB; default 1 MiB, which everything fits in.
    /// </summary>
    public int MaxMemoryPerConnection { get; init; } = 1024 * KiB;

    /// <summary>The same options with the takeover and the windows that <see cref="MaxMemoryPerConnection"/> leaves.</summary>
    /// <param name="role">Which end holds the memory: what it sends takes more than what it receives.</param>
    /// <returns>This object, where everything fits.</returns>
    /// <remarks>
    /// The larger of the two shares is halved until both fit. Takeover that has no window left to halve is given up; the window, which then costs
    /// nothing while idle, is what it was.
    /// </remarks>
    public DeflateOptions Fitted(EndpointRole role)
    {
        var fitted = this;
        while (fitted.MemoryPerConnection(role) > MaxMemoryPerConnection)
        {
            var (serverTakeover, serverBits) = (fitted.ServerContextTakeover, fitted.ServerMaxWindowBits);
            var (clientTakeover, clientBits) = (fitted.ClientContextTakeover, fitted.ClientMaxWindowBits);
            if (fitted.ServerShare(role) >= fitted.ClientShare(role))
            {
                (serverTakeover, serverBits) = serverBits > SmallestWindow ? (true, serverBits - 1) : (false, ServerMaxWindowBits);
            }
            else
            {
                (clientTakeover, clientBits) = clientBits > SmallestWindow ? (true, clientBits - 1) : (false, ClientMaxWindowBits);
            }

            fitted = new()
            {
                ServerContextTakeover = serverTakeover,
                ClientContextTakeover = clientTakeover,
                ServerMaxWindowBits = serverBits,
                ClientMaxWindowBits = clientBits,
                Level = Level,
                MinMessageSize = MinMessageSize,
                MaxMemoryPerConnection = MaxMemoryPerConnection,
            };
        }

        return fitted;
    }

    /// <summary>How many bytes a connection holds for compression between messages, at most.</summary>
    /// <param name="role">Which end.</param>
    /// <returns>Nothing without takeover; besides this, some 200 bytes of objects.</returns>
    public int MemoryPerConnection(EndpointRole role) => ServerShare(role) + ClientShare(role);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds; the message names it, its value and the bound.</exception>
    public void Validate()
    {
        OptionCheck.Range(ServerMaxWindowBits, 8, 15, nameof(ServerMaxWindowBits));
        OptionCheck.Range(ClientMaxWindowBits, 8, 15, nameof(ClientMaxWindowBits));
        OptionCheck.Range(MinMessageSize, 0, 1024 * 1024 * KiB, nameof(MinMessageSize));
        OptionCheck.Range(MaxMemoryPerConnection, 0, 1024 * KiB, nameof(MaxMemoryPerConnection));
        if (Level is not (CompressionLevel.Fastest or CompressionLevel.Optimal or CompressionLevel.SmallestSize))
        {
            throw new ArgumentOutOfRangeException(nameof(Level), Level, $"{nameof(Level)} must be Fastest, Optimal or SmallestSize.");
        }
    }

    /// <summary>What two ends with these options agree on, as one of them sees it.</summary>
    internal PerMessageDeflate Agreed(EndpointRole role)
    {
        var fitted = Fitted(EndpointRole.Server).Fitted(EndpointRole.Client);
        return (role == EndpointRole.Server
            ? new PerMessageDeflate(
                fitted.ServerMaxWindowBits, fitted.ServerContextTakeover, fitted.ClientMaxWindowBits, fitted.ClientContextTakeover)
            : new(fitted.ClientMaxWindowBits, fitted.ClientContextTakeover, fitted.ServerMaxWindowBits, fitted.ServerContextTakeover))
            with
        { Level = Level, MinMessageSize = MinMessageSize };
    }

    private int ServerShare(EndpointRole role) => Share(ServerContextTakeover, ServerMaxWindowBits, isSent: role == EndpointRole.Server);

    private int ClientShare(EndpointRole role) => Share(ClientContextTakeover, ClientMaxWindowBits, isSent: role == EndpointRole.Client);

    private int Share(bool takeover, int windowBits, bool isSent) =>
        !takeover ? 0 : isSent ? MessageDeflater.MemoryOf(windowBits, Level) : MessageInflater.MemoryOf(windowBits);
}
