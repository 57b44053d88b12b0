namespace RawSocketChat.Receiving;

/// <summary>What a receive asks for.</summary>
internal enum Wanted
{
    /// <summary>The next message, whole.</summary>
    Message,

    /// <summary>The first piece of the next message.</summary>
    FirstPiece,

    /// <summary>The next piece of the message that is being read as a stream.</summary>
    NextPiece,
}
