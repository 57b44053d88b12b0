namespace RawSocketChat.Receiving;

/// <summary>What <see cref="MessageReader"/> found next in the bytes of a connection.</summary>
internal enum ReadEvent
{
    /// <summary>Nothing whole; what could be taken over has been.</summary>
    NeedMoreData,

    /// <summary>A whole data message.</summary>
    Message,

    /// <summary>A piece of a data message, where pieces were asked for.</summary>
    Piece,

    /// <summary>A ping.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A legal close frame.</summary>
    Close,

    /// <summary>A broken rule; nothing that follows has a meaning.</summary>
    Violation,
}
