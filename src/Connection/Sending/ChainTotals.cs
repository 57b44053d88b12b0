namespace RawSocketChat.Sending;

/// <summary>What a <see cref="SegmentChain"/> knows of all its segments together; kept in the first of them.</summary>
internal struct ChainTotals
{
    /// <summary>The last segment.</summary>
    public OutputSegment Last;

    /// <summary>How many bytes there are.</summary>
    public long Length;

    /// <summary>How many segments are payloads sent from where they lie.</summary>
    public int References;

    /// <summary>How many segments did not bring a buffer.</summary>
    public int WithoutBuffer;

    /// <summary>Counts one more segment in.</summary>
    public void Add(OutputSegment segment)
    {
        Last = segment;
        Length += segment.Length;
        References += segment.IsAwaited ? 1 : 0;
        WithoutBuffer += segment.HasBuffer ? 0 : 1;
    }
}
