using System.Buffers;

namespace RawSocketChat;

/// <summary>
/// What holds for each connection. Checked once, where the options are handed over; changing them afterwards has no effect on
/// connections that exist. Every default is explained in <c>docs/defaults.md</c>.
/// </summary>
public class WebSocketConnectionOptions
{
    /// <summary>
    /// The longest message in bytes of payload that is received whole; a longer one is refused with close status 1009 as soon as a
    /// frame header announces it. Streaming receives are not bounded by it. 1 to 1 GiB; default 1 MiB.
    /// </summary>
    public int MaxMessageSize { get; init; } = 1024 * 1024;

    /// <summary>
    /// The most fragments that one message may come in; one more is refused with close status 1008. At least 1; default 1,048,576.
    /// </summary>
    public int MaxFragmentsPerMessage { get; init; } = 1024 * 1024;

    /// <summary>
    /// How many bytes may wait in the outgoing buffer before an awaited send waits and a try-send answers no. A single message that is
    /// longer passes while nothing else waits. Control frames are exempt. 1 KiB to 1 GiB; default 1 MiB.
    /// </summary>
    public int MaxOutgoingBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long nothing may arrive before a ping asks whether the peer is alive (RFC 6455 §5.5.2). Any received byte counts as life.
    /// Greater than zero, or <see cref="Timeout.InfiniteTimeSpan"/> for no keepalive; default 30 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after that ping still nothing may arrive before the connection is ended. The time counts only while somebody receives,
    /// so that a handler that is busy is never taken for a dead peer, or while bytes wait to be written and the peer takes none of them.
    /// A peer that takes some is alive. Greater than zero; default 20 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the closing handshake and the end of the TCP connection may take before it is cut. Greater than zero; default 5 s.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the code that receives blocks the thread that it runs on, such as by waiting for a task. What it sends then goes out at once,
    /// not together when it truly waits; a server's handlers run on the thread pool instead of the epoll transport's loops, which costs a
    /// thread hop for each received piece. Default: it does not.
    /// </summary>
    public bool HandlersMayBlock { get; init; }

    /// <summary>Compression (RFC 7692), where the peer agrees. Default: null, none.</summary>
    public DeflateOptions? Deflate { get; init; }

    /// <summary>The clock for all waiting. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Where receive and send buffers are rented. Default: the shared pool, and beside it a reserve of up to 16 MiB for arrays of 8 KiB to
    /// 1 MiB, of which the shared pool keeps few.
    /// </summary>
    public ArrayPool<byte> BufferPool { get; init; } = BufferReserve.OfProcess;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds; the message names it, its value and the bound.</exception>
    public virtual void Validate()
    {
        const int GiB = 1024 * 1024 * 1024;
        OptionCheck.Range(MaxMessageSize, 1, GiB, nameof(MaxMessageSize));
        OptionCheck.Range(MaxFragmentsPerMessage, 1, int.MaxValue, nameof(MaxFragmentsPerMessage));
        OptionCheck.Range(MaxOutgoingBytes, 1024, GiB, nameof(MaxOutgoingBytes));
        OptionCheck.PositiveOrInfinite(KeepAliveInterval, nameof(KeepAliveInterval));
        OptionCheck.Positive(KeepAliveTimeout, nameof(KeepAliveTimeout));
        OptionCheck.Positive(CloseTimeout, nameof(CloseTimeout));
        Deflate?.Validate();
        OptionCheck.NotNull(TimeProvider, nameof(TimeProvider));
        OptionCheck.NotNull(BufferPool, nameof(BufferPool));
    }
}
