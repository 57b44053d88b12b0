using System.IO.Compression;

namespace RawSocketChat;

/// <summary>What both ends have agreed on in the handshake about compression (RFC 7692 §7.1), as one of them sees it. Immutable.</summary>
/// <param name="SendWindowBits">This end's messages refer to 2 to the power of so many bytes back at most: 8 to 15.</param>
/// <param name="SendContextTakeover">Whether this end's messages may refer to the ones before.</param>
/// <param name="ReceiveWindowBits">The same of the peer's messages: 8 to 15.</param>
/// <param name="ReceiveContextTakeover">Whether the peer's messages may refer to the ones before.</param>
public sealed record PerMessageDeflate(int SendWindowBits, bool SendContextTakeover, int ReceiveWindowBits, bool ReceiveContextTakeover)
{
    /// <summary>How hard this end tries.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Fastest;

    /// <summary>Shorter messages of this end, in bytes of payload, go out as they are.</summary>
    public int MinMessageSize { get; init; }
}
