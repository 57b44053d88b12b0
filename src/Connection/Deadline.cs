namespace RawSocketChat;

/// <summary>Something that is due at some time, in a <see cref="DeadlineQueue"/>.</summary>
internal abstract class Deadline
{
    /// <summary>When, in the clock's timestamps. The queue's.</summary>
    public long DueAt;

    /// <summary>Where in the queue; negative where it is not in it. The queue's.</summary>
    public int Index = DeadlineQueue.Absent;

    /// <summary>The time has come; it is in the queue no more. On a thread that others wait for: it must not block, nor throw.</summary>
    public abstract void OnDue();
}
