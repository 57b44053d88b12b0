namespace RawSocketChat.Handshake;

/// <summary>Counts the bytes of a head, so that each limit acts on the first byte beyond it.</summary>
internal struct HeadMeter(HandshakeLimits limits)
{
    private int _headLength;
    private int _lineLength;

    // How many bytes may still come, of the line and of the head.
    public readonly int Room => Math.Min(limits.MaxLineLength - _lineLength, limits.MaxTotalSize - _headLength);

    public readonly bool IsHeadFull => _headLength == limits.MaxTotalSize;

    public void Count(int length, bool endsLine)
    {
        _headLength += length;
        _lineLength = endsLine ? 0 : _lineLength + length;
    }
}
