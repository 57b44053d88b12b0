using RawSocketChat.Framing;
using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// Notices a peer that has gone silent: a ping after the interval in which nothing came, the end of the connection after the timeout
/// in which still nothing came though somebody was listening, or though bytes waited all the time and the peer took none.
/// </summary>
internal sealed class KeepAlive : Deadline
{
    private readonly WebSocketConnection _connection;
    private readonly Receiver _receiver;
    private readonly FrameSender _sender;
    private long _askedAt;
    private long _progressWhenAsked;
    private bool _asked;

    /// <summary>Starts the watch.</summary>
    public KeepAlive(WebSocketConnection connection, Receiver receiver, FrameSender sender)
    {
        _connection = connection;
        _receiver = receiver;
        _sender = sender;
        Wait(connection.Options.KeepAliveInterval);
    }

    /// <summary>Ends the watch.</summary>
    public void End() => DeadlineQueue.Of(_connection.TimeProvider).Remove(this);

    /// <inheritdoc/>
    public override void OnDue()
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

        // Taken before anything is looked at or sent: the answer may be there before the ping is known to be sent, and it must count.
        var now = time.GetTimestamp();
        var heardAt = _receiver.LastHeard;
        _asked &= heardAt < _askedAt;
        if (_asked)
        {
            OnUnanswered(_connection.Options.KeepAliveTimeout - time.GetElapsedTime(_askedAt, now), now);
            return;
        }

        var left = _connection.Options.KeepAliveInterval - time.GetElapsedTime(heardAt, now);
        if (left > TimeSpan.Zero)
        {
            Wait(left);
            return;
        }

        _sender.SendControl(Opcode.Ping, []);
        Ask(now);
    }

    private void OnUnanswered(TimeSpan left, long now)
    {
        if (left > TimeSpan.Zero)
        {
            Wait(Shorter(left, _connection.Options.KeepAliveInterval));
        }
        else if (IsDead())
        {
            _connection.End(CloseCause.KeepAliveTimeout, "nothing was received for the keepalive interval and timeout", null);
        }
        else
        {
            Ask(now);
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
    private void Ask(long now)
    {
        _asked = true;
        _progressWhenAsked = _sender.WriteProgress;
        _askedAt = now;
        Wait(Shorter(_connection.Options.KeepAliveTimeout, _connection.Options.KeepAliveInterval));
    }

    private void Wait(TimeSpan time) => DeadlineQueue.Of(_connection.TimeProvider).Set(this, time);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
