using RawSocketChat.Framing;
using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// Notices a peer that has gone silent: a ping after the interval in which nothing came, the end of the connection after the timeout
/// in which still nothing came though somebody was listening, or though bytes waited all the time and the peer took none.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly WebSocketConnection _connection;
    private readonly Receiver _receiver;
    private readonly FrameSender _sender;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _timeout;
    private readonly ITimer _timer;
    private long _askedAt;
    private bool _asked;
    private long _progressWhenAsked;

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
        Wait(_interval);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => _timer.Dispose();

    private void OnDue()
    {
        try
        {
            Look();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // On a timer's thread it would end the process.
            _connection.End(CloseCause.ConnectionLost, "the keepalive failed", failure);
        }
    }

    private void Look()
    {
        var time = _connection.TimeProvider;
        var heardAt = _receiver.LastHeard;
        _asked &= heardAt < _askedAt;
        if (_asked)
        {
            OnUnanswered(_timeout - time.GetElapsedTime(_askedAt));
            return;
        }

        var left = _interval - time.GetElapsedTime(heardAt);
        if (left > TimeSpan.Zero)
        {
            Wait(left);
            return;
        }

        _sender.SendControl(Opcode.Ping, []);
        Ask();
    }

    private void OnUnanswered(TimeSpan left)
    {
        if (left > TimeSpan.Zero)
        {
            Wait(Shorter(left, _interval));
        }
        else if (IsDead())
        {
            _connection.End(CloseCause.KeepAliveTimeout, "nothing was received for the keepalive interval and timeout", null);
        }
        else
        {
            Ask();
        }
    }

    private bool IsDead()
    {
        if (_progressWhenAsked >= 0)
        {
            // The ping stood behind a write that was pending. A peer that has taken bytes since is slow, not dead; one that has taken none
            // is dead whether or not somebody listens: a handler that waits for room to send would wait for ever.
            return _sender.WriteProgress == _progressWhenAsked;
        }

        // Where nobody listens, a handler is busy: the answer may lie unread.
        return _receiver.IsListening;
    }

    // The look after the interval, where that is shorter, is for a peer that has answered: its silence is counted from there.
    private void Ask()
    {
        _asked = true;
        _progressWhenAsked = _sender.WriteProgress;
        _askedAt = _connection.TimeProvider.GetTimestamp();
        Wait(Shorter(_timeout, _interval));
    }

    // Rounded up to what a timer counts in, so that it is never due too early to act.
    private void Wait(TimeSpan time) =>
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)), Timeout.InfiniteTimeSpan);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
