namespace RawSocketChat.Framing;

/// <summary>What came of a call to <see cref="MessageInflater.Inflate"/>.</summary>
public enum InflateStatus
{
    /// <summary>All of the source is taken, and all that can be known from it is written: the message goes on.</summary>
    NeedMoreData,

    /// <summary>The destination has no room for what comes next; the rest of the source is for the next call.</summary>
    DestinationFull,

    /// <summary>The message has ended, and is written.</summary>
    Done,

    /// <summary>The source is not what DEFLATE allows, or ends in the middle. The inflater is of no use any more.</summary>
    InvalidData,
}
