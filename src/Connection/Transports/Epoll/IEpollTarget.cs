namespace RawSocketChat;

/// <summary>What a loop tells its events to: a connection, or a listening socket.</summary>
internal interface IEpollTarget
{
    /// <summary>Where the loop finds it; given by the loop.</summary>
    ulong Slot { get; set; }

    /// <summary>The system's number of the socket.</summary>
    int Descriptor { get; }

    /// <summary>Whether it is among those that are told again, after the others; kept by the loop.</summary>
    bool IsRequeued { get; set; }

    /// <summary>The loop tells what the system has to tell. On the loop's thread.</summary>
    void OnEvents(int flags);

    /// <summary>Something has gone wrong: nothing is to come of it any more.</summary>
    void Abort();
}
