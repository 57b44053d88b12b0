namespace RawSocketChat.Handshake;

/// <summary>
/// How much a peer, be it client or server, may send before its handshake is refused. Immutable; one instance serves any number of
/// connections.
/// </summary>
/// <remarks>
/// Each limit acts on the first byte beyond it, without waiting for the end of the line: a peer never makes a
/// <see cref="RequestParser"/> or a <see cref="ResponseParser"/> hold more than <see cref="MaxTotalSize"/> bytes. A request is then
/// refused with the status named below, and a response by <see cref="HandshakeRule.HeadSize"/>.
/// </remarks>
public sealed class HandshakeLimits
{
    /// <summary>The longest request, status or header line, in bytes with its CRLF: 64 to 1,048,576; 8,192 unless set.</summary>
    /// <remarks>A longer request line is refused with 414, a longer header line with 431 (RFC 9112 §3, RFC 6585 §5).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxLineLength
    {
        get;
        init => field = Within(value, 64, 1 << 20, nameof(MaxLineLength));
    } = 8192;

    /// <summary>The greatest number of header lines: 1 to 10,000; 100 unless set. One more is refused with 431 (RFC 6585 §5).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxHeaderCount
    {
        get;
        init => field = Within(value, 1, 10_000, nameof(MaxHeaderCount));
    } = 100;

    /// <summary>The largest whole head in bytes, up to and with its last LF: 128 to 16,777,216; 16,384 unless set.</summary>
    /// <remarks>A larger one is refused with 431, or with 414 while it is still the request line (RFC 6585 §5, RFC 9112 §3).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxTotalSize
    {
        get;
        init => field = Within(value, 128, 1 << 24, nameof(MaxTotalSize));
    } = 16384;

    private static int Within(int value, int least, int most, string name) =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
}
