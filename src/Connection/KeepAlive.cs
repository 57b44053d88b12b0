using RawSocketChat.Framing;

namespace RawSocketChat;

/// <summary>
/// Notices a peer that has gone silent: a ping after the interval in which nothing came, the end of the connection after the timeout
/// in which still nothing came though somebody was listening, or though bytes waited all the time and the peer took none.
/// </summary>
/// <remarks>Whoever hears the peer is the watch: an object of its own would be some 50 bytes more in each connection.</remarks>
internal abstract class KeepAlive : Deadline
{
    private long _askedAt;
    private long _progressWhenAsked;
    private bool _asked;

    /// <summary>When bytes last came, in the connection's timestamps.</summary>
    public abstract long LastHeard { get; }

    /// <summary>Whether somebody waits for input right now.</summary>
    public abstract bool IsListening { get; }

    /// <summary>Whose peer is watched.</summary>
    protected abstract WebSocketConnection Connection { get; }

    private TimeSpan Interval => Connection.Options.KeepAliveInterval;

    /// <summary>Starts the watch, where the options want one.</summary>
    public void StartKeepAlive()
    {
        if (Interval != Timeout.InfiniteTimeSpan)
        {
            Wait(Interval);
        }
    }

    /// <summary>Ends the watch.</summary>
    public void EndKeepAlive()
    {
        if (Interval != Timeout.InfiniteTimeSpan)
        {
            DeadlineQueue.Of(Connection.TimeProvider).Remove(this);
        }
    }

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
            Connection.End(CloseCause.ConnectionLost, "the keepalive failed", failure);
        }
    }

    private void Look()
    {
        var time = Connection.TimeProvider;

        // Taken before anything is looked at or sent: the answer may be there before the ping is known to be sent, and it must count.
        var now = time.GetTimestamp();
        var heardAt = LastHeard;
        _asked &= heardAt < _askedAt;
        if (_asked)
        {
            OnUnanswered(Connection.Options.KeepAliveTimeout - time.GetElapsedTime(_askedAt, now), now);
            return;
        }

        var left = Interval - time.GetElapsedTime(heardAt, now);
        if (left > TimeSpan.Zero)
        {
            Wait(left);
            return;
        }

        Connection.Sender.SendControl(Opcode.Ping, []);
        Ask(now);
    }

    private void OnUnanswered(TimeSpan left, long now)
    {
        if (left > TimeSpan.Zero)
        {
            Wait(Shorter(left, Interval));
        }
        else if (IsDead())
        {
            Connection.End(CloseCause.KeepAliveTimeout, "nothing was received for the keepalive interval and timeout", null);
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
            return Connection.Sender.WriteProgress == _progressWhenAsked;
        }

        // Where nobody listens, a handler is busy: the answer may lie unread.
        return IsListening;
    }

    // The look after the interval, where that is shorter, is for a peer that has answered: its silence is counted from there.
    private void Ask(long now)
    {
        _asked = true;
        _progressWhenAsked = Connection.Sender.WriteProgress;
        _askedAt = now;
        Wait(Shorter(Connection.Options.KeepAliveTimeout, Interval));
    }

    private void Wait(TimeSpan time) => DeadlineQueue.Of(Connection.TimeProvider).Set(this, time);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
