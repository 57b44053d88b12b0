namespace RawSocketChat.Handshake;

/// <summary>
/// Where one header field ends in the head that is being read: name and value follow each other without a separator, and
/// each field follows the one before, so two ends (offsets in bytes) say everything.
/// </summary>
internal readonly record struct HeaderField(int NameEnd, int ValueEnd);
