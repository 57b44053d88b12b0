namespace RawSocketChat.Framing;

/// <summary>What came of an attempt to read a frame header.</summary>
public enum FrameReadStatus
{
    /// <summary>The bytes seen so far break no rule, and the header is not whole yet. Nothing was consumed.</summary>
    NeedMoreData,

    /// <summary>The header is whole and legal.</summary>
    Done,

    /// <summary>The bytes break a rule of the protocol; more of them cannot mend it.</summary>
    Violation,
}
