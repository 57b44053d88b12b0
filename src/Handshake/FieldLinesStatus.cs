namespace RawSocketChat.Handshake;

/// <summary>What <see cref="FieldLines"/> have come to.</summary>
internal enum FieldLinesStatus
{
    /// <summary>More bytes are needed.</summary>
    Reading,

    /// <summary>The empty line has been read.</summary>
    Done,

    /// <summary>A rule is broken: <see cref="FieldLines.Fault"/> says which.</summary>
    Malformed,

    /// <summary>One field more than the limits allow begins.</summary>
    TooMany,
}
