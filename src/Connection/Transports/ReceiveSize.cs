namespace RawSocketChat;

/// <summary>
/// How large a connection's next receive buffer is to be, and whether the last receive left most of one empty: see <see cref="ReceiveSizing"/>.
/// The values are its business. An enumeration, for a structure in an object takes eight bytes at least, and an idle connection is to be small.
/// </summary>
internal enum ReceiveSize : byte
{
    /// <summary>As it is at first.</summary>
    Smallest,
}
