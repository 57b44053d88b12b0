using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RawSocketChat;

/// <summary>
/// The transport on loops of its own over epoll, for Linux: each connection belongs to one loop, received bytes are handed over on the
/// loop's thread, and a handler runs there until it truly waits. Fewer system calls and no thread hops: see docs/explanation/performance.md.
/// </summary>
/// <remarks>
/// A handler must not block for long: it would hold up the other connections of its loop until, after a second, another thread takes the
/// loop over (event 200 in the log). Thread-safe.
/// </remarks>
public sealed class EpollLoopGroup : IAsyncDisposable
{
    private const long BlockedAfter = 1000;

    private static readonly Lazy<EpollLoopGroup> OfProcess = new(
        static () => new(Environment.ProcessorCount, ArrayPool<byte>.Shared, NullLogger.Instance));

    private readonly EpollLoop[] _loops;
    private readonly ArrayPool<byte> _pool;
    private readonly Timer _watch;
    private int _next;

    /// <summary>Starts loops.</summary>
    /// <param name="count">How many, at least 1; as many as there are processors is usual.</param>
    /// <param name="pool">Where receive buffers are rented.</param>
    /// <param name="logger">Is told of handlers that block.</param>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux: see <see cref="IsSupported"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public EpollLoopGroup(int count, ArrayPool<byte> pool, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(logger);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("The epoll transport needs 64-bit Linux.");
        }

        _pool = pool;
        _loops = new EpollLoop[count];
        for (var i = 0; i < count; i++)
        {
            try
            {
                _loops[i] = new($"epoll loop {i + 1}", pool, logger);
            }
            catch
            {
                foreach (var loop in _loops.AsSpan(0, i))
                {
                    _ = loop.StopAsync();
                }

                throw;
            }
        }

        // Real time, whatever the connections' clock is: a thread that blocks blocks in real time.
        _watch = new(static group => ((EpollLoopGroup)group!).Watch(), this, BlockedAfter, BlockedAfter);
    }

    /// <summary>Whether this platform has what it takes: Linux on x64 or arm64.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64 && CanCreate();

    /// <summary>
    /// The process's, for whoever has no loops of its own, such as clients: as many loops as there are processors, made when first asked for, and
    /// never to be disposed of. It logs nothing.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux: see <see cref="IsSupported"/>.</exception>
    public static EpollLoopGroup Shared => OfProcess.Value;

    /// <summary>Whether that kind of transport is loops of this platform's.</summary>
    /// <param name="kind">The kind that is wanted.</param>
    /// <returns>What <see cref="TransportKind.Automatic"/> comes to here, or whether it is <see cref="TransportKind.Epoll"/>.</returns>
    public static bool IsWanted(TransportKind kind) =>
        kind == TransportKind.Epoll
        || (kind == TransportKind.Automatic && IsSupported
            && !(AppContext.TryGetSwitch("RawSocketChat.PreferPortableTransport", out var isOn) && isOn));

    /// <summary>Connects a TCP socket that nothing was done with yet, so that it can be added.</summary>
    /// <param name="socket">The socket; its owner disposes of it where this fails.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The completion.</returns>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task ConnectAsync(Socket socket, EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(endPoint);
        return EpollConnecting.RunAsync(Next(), socket, endPoint, cancellationToken);
    }

    /// <summary>Takes over a connected TCP socket.</summary>
    /// <param name="socket">The socket. It is not to be touched afterwards, not even disposed of, also where this fails.</param>
    /// <param name="inline">
    /// Whether the code that reads runs on the loop's thread until it truly waits. False is for code that blocks: it runs on the thread pool.
    /// </param>
    /// <param name="pool">Where the connection's own buffers are rented; null for the group's pool.</param>
    /// <returns>The transport; it closes the connection when it is disposed of.</returns>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    /// <exception cref="ObjectDisposedException">The group is disposed of.</exception>
    public Transport Add(Socket socket, bool inline = true, ArrayPool<byte>? pool = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Next().Add(socket, inline, pool ?? _pool);
    }

    /// <summary>Accepts on one of the loops from here on.</summary>
    /// <param name="listener">A listener that was started. Nobody else accepts from it any more; its owner stops it, after the result.</param>
    /// <returns>What accepts; the sockets are not added to a loop yet.</returns>
    public EpollListener Accept(TcpListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var loop = _loops[0];
        var accepting = new EpollListener(listener, loop);
        loop.Add(accepting);
        return accepting;
    }

    /// <summary>Ends the loops' threads. Connections that are left get no more events: to be called after their end.</summary>
    /// <returns>The completion: no buffer is held any more. Where a handler blocks, that takes until its loop is taken over.</returns>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_loops.Select(static loop => loop.StopAsync())).ConfigureAwait(false);
        await _watch.DisposeAsync().ConfigureAwait(false);
    }

    private EpollLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    private static bool CanCreate()
    {
        try
        {
            var descriptor = Libc.EpollCreate(Libc.CloseOnExec);
            return descriptor >= 0 && Libc.Close(descriptor) == 0;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private void Watch()
    {
        foreach (var loop in _loops)
        {
            loop.Watch(BlockedAfter);
        }
    }
}
