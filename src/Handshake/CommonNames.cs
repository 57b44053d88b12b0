namespace RawSocketChat.Handshake;

/// <summary>
/// Header names that browsers, other clients and proxies send with an opening handshake, in the case that they have there. What is kept of a
/// request has their numbers in place of them; the order means nothing, for that is never stored elsewhere.
/// </summary>
internal static class CommonNames
{
    private static readonly byte[][] Names =
    [
        "Host"u8.ToArray(),
        "Upgrade"u8.ToArray(),
        "Connection"u8.ToArray(),
        "Sec-WebSocket-Key"u8.ToArray(),
        "Sec-WebSocket-Version"u8.ToArray(),
        "Sec-WebSocket-Extensions"u8.ToArray(),
        "Sec-WebSocket-Protocol"u8.ToArray(),
        "Origin"u8.ToArray(),
        "User-Agent"u8.ToArray(),
        "Accept"u8.ToArray(),
        "Accept-Encoding"u8.ToArray(),
        "Accept-Language"u8.ToArray(),
        "Cache-Control"u8.ToArray(),
        "Pragma"u8.ToArray(),
        "Cookie"u8.ToArray(),
        "Authorization"u8.ToArray(),
        "Referer"u8.ToArray(),
        "Sec-Fetch-Dest"u8.ToArray(),
        "Sec-Fetch-Mode"u8.ToArray(),
        "Sec-Fetch-Site"u8.ToArray(),
        "Forwarded"u8.ToArray(),
        "Via"u8.ToArray(),
        "X-Forwarded-For"u8.ToArray(),
        "X-Forwarded-Host"u8.ToArray(),
        "X-Forwarded-Proto"u8.ToArray(),
        "X-Real-IP"u8.ToArray(),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    /// <summary>The name of a number.</summary>
    public static ReadOnlySpan<byte> Bytes(int number) => Names[number];

    /// <summary>The number of a name in exactly that case, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
