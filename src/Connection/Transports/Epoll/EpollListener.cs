using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace RawSocketChat;

/// <summary>
/// Accepts on one of the loops what a <see cref="TcpListener"/> listens for: no thread hop to a thread that accepts, and none from there.
/// </summary>
/// <remarks>For one caller at a time. A pending accept is completed on the loop's thread, which must not be blocked.</remarks>
public sealed class EpollListener : IEpollTarget, IValueTaskSource, IDisposable
{
    // After so many in a row the loop looks at its connections.
    private const int MostInARow = 16;

    private readonly TcpListener _listener;
    private readonly EpollLoop _loop;
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _told;
    private int _acceptedInARow;
    private bool _armed;
    private bool _mayHaveSome;
    private bool _disposed;

    internal EpollListener(TcpListener listener, EpollLoop loop)
    {
        // Who has been waiting may be gone when it is accepted: that must not block the loop.
        listener.Server.Blocking = false;
        _listener = listener;
        _loop = loop;
    }

    ulong IEpollTarget.Slot { get; set; }

    bool IEpollTarget.IsRequeued { get; set; }

    int IEpollTarget.Descriptor => (int)_listener.Server.SafeHandle.DangerousGetHandle();

    /// <summary>Accepts the next connection. What follows runs on the loop's thread.</summary>
    /// <returns>The socket, in blocking mode.</returns>
    /// <exception cref="SocketException">Accepting failed, such as for want of descriptors.</exception>
    /// <exception cref="ObjectDisposedException">This listener is disposed of.</exception>
    /// <exception cref="InvalidOperationException">The <see cref="TcpListener"/> has been stopped.</exception>
    public async ValueTask<Socket> AcceptSocketAsync()
    {
        while (true)
        {
            var goesOn = _loop.IsCurrent && _acceptedInARow < MostInARow;
            if (goesOn && TryAccept() is { } socket)
            {
                _acceptedInARow++;
                return socket;
            }

            await WaitAsync(forItsTurn: !goesOn).ConfigureAwait(false);
        }
    }

    /// <summary>Accepts no more: a pending accept fails. The <see cref="TcpListener"/> is still its owner's to stop.</summary>
    public void Dispose()
    {
        bool wasArmed;
        lock (_gate)
        {
            wasArmed = _armed;
            (_armed, _disposed) = (false, true);
        }

        _loop.Remove(this);
        if (wasArmed)
        {
            // Not inline: whoever disposes must not find itself running the code that accepts.
            ThreadPool.UnsafeQueueUserWorkItem(static self => self._told.SetResult(true), this, preferLocal: false);
        }
    }

    void IEpollTarget.Abort() => Dispose();

    void IEpollTarget.OnEvents(int flags)
    {
        lock (_gate)
        {
            if (!_armed)
            {
                _mayHaveSome = true;
                return;
            }

            _armed = false;
            _acceptedInARow = 0;
        }

        _told.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _told.GetResult(token);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _told.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _told.OnCompleted(continuation, state, token, flags);

    private Socket? TryAccept()
    {
        lock (_gate)
        {
            // Before, not after: who comes meanwhile is told again.
            _mayHaveSome = false;
        }

        try
        {
            // An accept that finds nobody costs an exception.
            return _listener.Pending() ? _listener.AcceptSocket() : null;
        }
        catch (SocketException gone) when (gone.SocketErrorCode == SocketError.WouldBlock)
        {
            return null;
        }
    }

    // Until there may be somebody; or, where there may be already, until the loop has looked at its connections.
    private ValueTask WaitAsync(bool forItsTurn)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _told.Reset();
            _armed = true;
            if (forItsTurn || _mayHaveSome)
            {
                _loop.Requeue(this);
            }

            return new(this, _told.Version);
        }
    }
}
