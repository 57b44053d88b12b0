namespace RawSocketChat;

/// <summary>
/// The size of a receive buffer follows the traffic. It is doubled when a receive fills the buffer, and halved when two in a row leave most of it
/// empty: one may be the last few bytes of a message that has just not fit, and the next message would be taken in two receives again.
/// </summary>
internal static class ReceiveSizing
{
    /// <summary>The smallest size, in bytes.</summary>
    public const int Smallest = 4096;

    /// <summary>The largest size, in bytes.</summary>
    public const int Largest = 64 * 1024;

    // Below it: how often the size was doubled.
    private const byte WasSmall = 0x80;

    /// <summary>The size, in bytes.</summary>
    public static int Bytes(this ReceiveSize size) => Smallest << ((byte)size & ~WasSmall);

    /// <summary>Takes account of a receive.</summary>
    /// <param name="size">The size, which follows.</param>
    /// <param name="received">How many bytes came.</param>
    /// <param name="filled">Whether they filled the buffer, so that there may be more.</param>
    public static void Follow(this ref ReceiveSize size, int received, bool filled)
    {
        var doublings = (byte)size & ~WasSmall;
        var wasSmall = ((byte)size & WasSmall) != 0;
        var isSmall = received < size.Bytes() / 4;
        if (filled && size.Bytes() < Largest)
        {
            doublings++;
        }
        else if (!filled && isSmall && wasSmall && doublings > 0)
        {
            doublings--;
        }

        size = (ReceiveSize)(doublings | (isSmall ? WasSmall : 0));
    }
}
