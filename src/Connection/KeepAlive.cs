using RawSocketChat.Framing;
using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// Notices a peer that has gone silent: a ping after the interval in which nothing came, the end of the connection after the timeout
/// in which still nothing came though somebody was listening.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly WebSocketConnection _connection;
    private readonly Receiver _receiver;
    private readonly FrameSender _sender;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _timeout;
    private readonly ITimer _timer;
    private bool _asked;

    /// <summary>Starts the watch.</summary>
    public KeepAlive(WebSocketConnection connection, Receiver receiver, FrameSender sender, WebSocketConnectionOptions options)
    {
        _connection = connection;
        _receiver = receiver;
        _sender = sender;
        _interval = options.KeepAliveInterval;
        _timeout = options.KeepAliveTimeout;
        _timer = options.TimeProvider.CreateTimer(
            static state => ((KeepAlive)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => _timer.Dispose();

    private void OnDue()
    {
        if (_receiver.HasHeard)
        {
            _receiver.HasHeard = false;
            _asked = false;
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
        else if (!_asked)
        {
            _asked = true;
            _sender.SendControl(Opcode.Ping, []);
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
        else if (_receiver.IsListening)
        {
            _connection.End(CloseCause.KeepAliveTimeout, "nothing was received for the keepalive interval and timeout", null);
        }
        else
        {
            // A handler is busy: the answer may lie unread. The time starts anew.
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
    }
}
