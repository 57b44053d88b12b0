namespace RawSocketChat.Framing;

/// <summary>
/// A Huffman code as a table: the next bits of the input are the index of what they mean. Codes that are longer than the index lead to a
/// second table behind the first.
/// </summary>
internal sealed class DecodingTable
{
    // An entry: how many bits it takes (8 bits), what it is (8 bits), its value (16 bits).
    public const uint Literal = 0x1000;
    public const uint EndOfBlock = 0x2000;
    public const uint SecondTable = 0x4000;
    public const uint Invalid = 0x8000;
    private const uint Kinds = 0xF000;

    // Of each symbol, but for the length of its code.
    private static readonly uint[] CodeLengthEntries = MakeEntries(DeflateFormat.CodeLengthCodes, Meaning.CodeLengths);
    private static readonly uint[] DistanceEntries = MakeEntries(32, Meaning.Distances);
    private static readonly uint[] LengthEntries = MakeEntries(288, Meaning.Lengths);

    private readonly uint[] _entries;

    /// <summary>A table that is built later.</summary>
    /// <param name="indexBits">How many bits the first table looks at.</param>
    /// <param name="size">How many entries the worst code takes.</param>
    public DecodingTable(int indexBits, int size)
    {
        IndexBits = indexBits;
        _entries = new uint[size];
    }

    /// <summary>What a table decodes to.</summary>
    public enum Meaning
    {
        Lengths,
        Distances,
        CodeLengths,
    }

    /// <summary>How many bits the first table looks at.</summary>
    public int IndexBits { get; }

    /// <summary>The entries.</summary>
    public ReadOnlySpan<uint> Entries => _entries;

    /// <summary>How many bits an entry takes: of a second table, those behind the first's.</summary>
    public static int BitsOf(uint entry) => (int)(entry & 0xFF);

    /// <summary>Extra bits of a length or distance; how many bits a second table looks at.</summary>
    public static int ExtraBitsOf(uint entry) => (int)(entry >> 8) & 0x0F;

    /// <summary>A literal; the base of a length or distance; where a second table begins.</summary>
    public static int ValueOf(uint entry) => (int)(entry >> 16);

    /// <summary>Whether an entry is anything but a length or distance.</summary>
    public static bool HasKind(uint entry) => (entry & Kinds) != 0;

    /// <summary>Builds the table of a code.</summary>
    /// <param name="lengths">For each symbol how long its code is; 0 for none. RFC 1951 §3.2.2 tells the codes from that.</param>
    /// <param name="meaning">What the symbols mean.</param>
    /// <returns>False where there is no such code: too many short ones, or some missing (one distance alone may be).</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths, Meaning meaning)
    {
        Span<int> counts = stackalloc int[DeflateFormat.LongestCode + 1];
        counts.Clear();
        foreach (var length in lengths)
        {
            if (length > 0)
            {
                counts[length]++;
            }
        }

        var longest = counts.LastIndexOfAnyExcept(0);
        var left = 1;
        for (var length = 1; length <= DeflateFormat.LongestCode; length++)
        {
            left = (left << 1) - counts[length];
            if (left < 0)
            {
                return false;
            }
        }

        // RFC 1951 §3.2.7: "If only one distance code is used, it is encoded using one bit, not zero bits; in this case there is a single
        // code length of one, with one unused code." And none at all where there are only literals.
        if (left > 0 && (meaning == Meaning.CodeLengths || longest > 1))
        {
            return false;
        }

        if (left > 0)
        {
            _entries.AsSpan(0, 1 << IndexBits).Fill(Invalid | 1);
        }

        Fill(lengths, counts, longest, meaning switch
        {
            Meaning.CodeLengths => CodeLengthEntries,
            Meaning.Distances => DistanceEntries,
            _ => LengthEntries,
        });
        return true;
    }

    private void Fill(ReadOnlySpan<byte> lengths, Span<int> counts, int longest, ReadOnlySpan<uint> meanings)
    {
        Span<int> next = stackalloc int[DeflateFormat.LongestCode + 2];
        next.Clear();
        for (var length = 1; length <= DeflateFormat.LongestCode; length++)
        {
            next[length + 1] = (next[length] + counts[length]) << 1;
        }

        // The symbols in the order of their codes: a second table's are then next to each other.
        Span<ushort> sorted = stackalloc ushort[lengths.Length];
        Span<int> place = stackalloc int[DeflateFormat.LongestCode + 2];
        place.Clear();
        for (var length = 1; length <= DeflateFormat.LongestCode; length++)
        {
            place[length + 1] = place[length] + counts[length];
        }

        var used = place[DeflateFormat.LongestCode + 1];
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] > 0)
            {
                sorted[place[lengths[symbol]]++] = (ushort)symbol;
            }
        }

        var free = 1 << IndexBits;
        var (second, secondBits, prefix) = (0, 0, -1);
        for (var i = 0; i < used; i++)
        {
            var symbol = sorted[i];
            int length = lengths[symbol];
            var code = DeflateFormat.Reverse(next[length]++, length);
            var entry = meanings[symbol];
            if (length <= IndexBits)
            {
                Repeat(entry | (uint)length, code, length, 0, 1 << IndexBits);
            }
            else
            {
                var low = code & ((1 << IndexBits) - 1);
                if (low != prefix)
                {
                    (prefix, second) = (low, free);
                    secondBits = SecondTableBits(counts, length, longest);
                    free += 1 << secondBits;
                    _entries[low] = SecondTable | (uint)IndexBits | ((uint)secondBits << 8) | ((uint)second << 16);
                }

                Repeat(entry | (uint)(length - IndexBits), code >> IndexBits, length - IndexBits, second, 1 << secondBits);
            }

            // What is left tells how large a second table must be.
            counts[length]--;
        }
    }

    // As many bits as the codes need that share a prefix with the first of them, which is the shortest.
    private int SecondTableBits(ReadOnlySpan<int> counts, int length, int longest)
    {
        var bits = length - IndexBits;
        for (var left = 1 << bits; bits + IndexBits < longest; bits++)
        {
            left -= counts[bits + IndexBits];
            if (left <= 0)
            {
                break;
            }

            left <<= 1;
        }

        return bits;
    }

    // Whatever follows the code in the index, it means the same.
    private void Repeat(uint entry, int code, int length, int start, int size)
    {
        for (var index = code; index < size; index += 1 << length)
        {
            _entries[start + index] = entry;
        }
    }

    private static uint[] MakeEntries(int symbols, Meaning meaning) => [.. Enumerable.Range(0, symbols).Select(symbol => MakeEntry(symbol, meaning))];

    private static uint MakeEntry(int symbol, Meaning meaning) => meaning switch
    {
        Meaning.CodeLengths => Literal | ((uint)symbol << 16),
        Meaning.Distances when symbol < DeflateFormat.DistanceCodes =>
            ((uint)DeflateFormat.DistanceBases[symbol] << 16) | ((uint)DeflateFormat.DistanceExtraBits[symbol] << 8),
        Meaning.Lengths when symbol < DeflateFormat.EndOfBlock => Literal | ((uint)symbol << 16),
        Meaning.Lengths when symbol == DeflateFormat.EndOfBlock => EndOfBlock,
        Meaning.Lengths when symbol < DeflateFormat.LiteralCodes =>
            ((uint)DeflateFormat.LengthBases[symbol - 257] << 16) | ((uint)DeflateFormat.LengthExtraBits[symbol - 257] << 8),

        // RFC 1951 §3.2.6: "Literal/length values 286-287 will never actually occur in the compressed data", nor distances 30-31.
        _ => Invalid,
    };
}
