using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>
/// Accepts TCP connections and starts each one's session. No accept error ends it: where the process is out of descriptors, it gives its
/// reserve back, and accepts again when it can take it anew.
/// </summary>
internal sealed class AcceptLoop : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly WebSocketServerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly TcpListener _listener;
    private readonly HandshakeSlots _handshakes;
    private readonly SessionRunner _sessions;
    private EpollListener? _onLoop;
    private Task _loop = Task.CompletedTask;
    private volatile bool _listening;

    /// <summary>A loop that is not started.</summary>
    public AcceptLoop(
        WebSocketServerOptions options, WebSocketHandler handler, ConnectionCollection connections, ILogger logger, CancellationToken stopping)
    {
        _options = options;
        _logger = logger;
        _stopping = stopping;
        _listener = new(options.Address, options.Port);
        _handshakes = new(options.MaxPendingHandshakes, options.MaxPendingHandshakesPerAddress);
        _sessions = new(options, handler, connections, _handshakes, logger, stopping);
        LocalEndPoint = new(options.Address, options.Port);
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint LocalEndPoint { get; private set; }

    /// <summary>How its connections receive and send, once started.</summary>
    public TransportKind Transport => _sessions.Transport;

    /// <summary>Listens and accepts.</summary>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public void Start()
    {
        _listener.Start(_options.Backlog);
        _listening = true;
        LocalEndPoint = (IPEndPoint)_listener.LocalEndpoint;
        try
        {
            _onLoop = _sessions.StartLoops()?.Accept(_listener);
        }
        catch
        {
            Dispose();
            throw;
        }

        _loop = RunAsync();
    }

    /// <summary>Accepts no more.</summary>
    public void Dispose()
    {
        _listening = false;
        _onLoop?.Dispose();
        _listener.Dispose();
    }

    /// <summary>Waits for every session, bounded, and cuts those that are left.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _loop.ConfigureAwait(false);
        await _sessions.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using var reserve = new DescriptorReserve();
        reserve.TryTake();
        var room = DescriptorReserve.RoomForSockets();
        var wait = ShortestWait;
        while (_listening)
        {
            Socket socket;
            try
            {
                while (_sessions.Count >= room)
                {
                    if (!await WaitAsync(SocketError.TooManyOpenSockets, wait).ConfigureAwait(false))
                    {
                        return;
                    }

                    wait = Longer(wait);
                }

                socket = await AcceptAsync().ConfigureAwait(false);
                wait = ShortestWait;
            }
            catch (Exception) when (!_listening)
            {
                return;
            }
            catch (SocketException gone) when (gone.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // That client has left before it was accepted; the next one is waiting.
                continue;
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                reserve.Dispose();
                do
                {
                    if (!await WaitAsync((failure as SocketException)?.SocketErrorCode ?? SocketError.SocketError, wait).ConfigureAwait(false))
                    {
                        return;
                    }

                    wait = Longer(wait);
                }
                while (!reserve.TryTake());
                continue;
            }

            Start(socket);
        }
    }

    private ValueTask<Socket> AcceptAsync() =>
        _onLoop is null ? _listener.AcceptSocketAsync(CancellationToken.None) : _onLoop.AcceptSocketAsync();

    private void Start(Socket socket)
    {
        try
        {
            var address = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (_handshakes.TryTake(address))
            {
                _sessions.Start(socket, address);
                return;
            }

            Log.TooManyHandshakes(_logger, socket.RemoteEndPoint);
        }
        catch (Exception)
        {
            // The client is gone, or not even the log works: whatever it is, the next client is not to suffer from it.
        }

        socket.Dispose();
    }

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;

    private async Task<bool> WaitAsync(SocketError error, TimeSpan wait)
    {
        // The descriptors that are missing are given back by connections that end; spinning until then would help nobody.
        Log.AcceptFailed(_logger, error, wait);
        try
        {
            await Task.Delay(wait, _options.TimeProvider, _stopping).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
