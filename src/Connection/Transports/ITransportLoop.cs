namespace RawSocketChat;

/// <summary>A thread that connections belong to, and that can be given work for them.</summary>
internal interface ITransportLoop
{
    /// <summary>Whether the calling thread is the one.</summary>
    bool IsCurrent { get; }

    /// <summary>Has something run on that thread, soon, once it is woken.</summary>
    /// <returns>
    /// False where it is the calling one, is busy with something long, or has ended: the caller is to run it. It may then be run twice.
    /// </returns>
    bool TryPost(IThreadPoolWorkItem work);

    /// <summary>Wakes the thread.</summary>
    void Wake();
}
