namespace RawSocketChat.Framing;

/// <summary>The numbers of RFC 1951.</summary>
internal static class DeflateFormat
{
    private static readonly byte[] ReversedBytes = BuildReversedBytes();

    public const int Stored = 0;
    public const int Fixed = 1;
    public const int Dynamic = 2;

    public const int EndOfBlock = 256;
    public const int LiteralCodes = 286;
    public const int DistanceCodes = 30;
    public const int CodeLengthCodes = 19;
    public const int LongestCode = 15;
    public const int LongestCodeLengthCode = 7;
    public const int ShortestMatch = 3;
    public const int LongestMatch = 258;
    public const int LongestStored = ushort.MaxValue;

    // RFC 1951 §3.2.5: the shortest match, and the extra bits, of the codes from 257 on.
    public static ReadOnlySpan<ushort> LengthBases =>
    [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ];

    public static ReadOnlySpan<byte> LengthExtraBits =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ];

    // RFC 1951 §3.2.5: the same of distances.
    public static ReadOnlySpan<ushort> DistanceBases =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
        16385, 24577,
    ];

    public static ReadOnlySpan<byte> DistanceExtraBits =>
    [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ];

    // RFC 1951 §3.2.7: in which order the lengths of the code length codes are told.
    public static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>The lengths of the fixed literal and length codes: RFC 1951 §3.2.6.</summary>
    public static void FillFixedLiteralLengths(Span<byte> lengths)
    {
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..288].Fill(8);
    }

    /// <summary>RFC 1951 §3.1.1: "Huffman codes are packed starting with the most-significant bit of the code."</summary>
    /// <param name="code">The code.</param>
    /// <param name="length">How many bits it has: at most 16.</param>
    public static int Reverse(int code, int length) => ((ReversedBytes[code & 0xFF] << 8) | ReversedBytes[code >> 8]) >> (16 - length);

    private static byte[] BuildReversedBytes()
    {
        var reversed = new byte[256];
        for (var i = 1; i < reversed.Length; i++)
        {
            // That of the bits above the lowest is known.
            reversed[i] = (byte)((reversed[i >> 1] >> 1) | (i << 7));
        }

        return reversed;
    }
}
