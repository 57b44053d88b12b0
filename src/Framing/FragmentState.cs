namespace RawSocketChat.Framing;

/// <summary>Whether a fragmented data message is under way in one direction of a connection (RFC 6455 §5.4).</summary>
public enum FragmentState
{
    /// <summary>No data message is under way: the next data frame must start one.</summary>
    None,

    /// <summary>A data message has begun and its final fragment is outstanding: the next data frame must continue it.</summary>
    InMessage,
}
