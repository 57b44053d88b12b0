namespace RawSocketChat;

/// <summary>
/// How large a connection's next receive buffer is to be: it follows the traffic. Doubled when a receive fills the buffer, halved when two in a
/// row leave most of it empty: one may be the last few bytes of a message that has just not fit, and the next message would be taken in two
/// receives again. A mutable struct: keep it in a field.
/// </summary>
internal struct ReceiveSize
{
    /// <summary>The smallest size, in bytes.</summary>
    public const int Smallest = 4096;

    /// <summary>The largest size, in bytes.</summary>
    public const int Largest = 64 * 1024;

    // Not the size itself: an idle connection is to be small.
    private byte _doublings;
    private bool _wasSmall;

    /// <summary>The size, in bytes.</summary>
    public readonly int Bytes => Smallest << _doublings;

    /// <summary>Takes account of a receive.</summary>
    /// <param name="received">How many bytes came.</param>
    /// <param name="filled">Whether they filled the buffer, so that there may be more.</param>
    public void Follow(int received, bool filled)
    {
        var wasSmall = _wasSmall;
        _wasSmall = received < Bytes / 4;
        if (filled)
        {
            _doublings += Bytes < Largest ? (byte)1 : (byte)0;
        }
        else if (_wasSmall && wasSmall)
        {
            _doublings -= Bytes > Smallest ? (byte)1 : (byte)0;
        }
    }
}
