namespace RawSocketChat.Framing;

/// <summary>
/// The codes of a block that brings its own (RFC 1951 §3.2.7), while it is being inflated. Some 7 KB, so they are lent: a connection has them
/// only in the middle of such a block.
/// </summary>
internal sealed class DynamicCodes
{
    public const int LiteralIndexBits = 9;
    public const int DistanceIndexBits = 6;

    // What the worst code takes, found by trying all of them; the numbers are known from other inflaters with tables of this kind.
    private const int LiteralTableSize = 852;
    private const int DistanceTableSize = 592;

    private const int RepeatPrevious = 16;
    private const int RepeatZero = 17;

    [ThreadStatic]
    private static DynamicCodes? _spare;

    private readonly byte[] _lengths = new byte[DeflateFormat.LiteralCodes + DeflateFormat.DistanceCodes];
    private readonly byte[] _codeLengthLengths = new byte[DeflateFormat.CodeLengthCodes];
    private readonly DecodingTable _codeLengths = new(DeflateFormat.LongestCodeLengthCode, 1 << DeflateFormat.LongestCodeLengthCode);
    private int _literalCount;
    private int _distanceCount;
    private int _codeLengthCount;
    private int _filled;
    private bool _hasCodeLengths;

    private DynamicCodes()
    {
    }

    /// <summary>The code of literals and lengths.</summary>
    public DecodingTable Literals { get; } = new(LiteralIndexBits, LiteralTableSize);

    /// <summary>The code of distances.</summary>
    public DecodingTable Distances { get; } = new(DistanceIndexBits, DistanceTableSize);

    /// <summary>Lends codes to be read.</summary>
    public static DynamicCodes Rent()
    {
        var codes = _spare ?? new();
        _spare = null;
        codes._literalCount = 0;
        codes._filled = 0;
        codes._hasCodeLengths = false;
        return codes;
    }

    /// <summary>Takes them back.</summary>
    public static void Return(DynamicCodes codes) => _spare = codes;

    /// <summary>Reads the codes as far as there are bits.</summary>
    /// <returns>Done with all of them, more bits are needed, or there are no such codes.</returns>
    public InflateStatus Read(ref BitReader bits)
    {
        if (_literalCount == 0 && !TryReadCounts(ref bits))
        {
            return InflateStatus.NeedMoreData;
        }

        if (_literalCount > DeflateFormat.LiteralCodes || _distanceCount > DeflateFormat.DistanceCodes)
        {
            return InflateStatus.InvalidData;
        }

        if (!_hasCodeLengths)
        {
            if (!TryReadCodeLengthLengths(ref bits))
            {
                return InflateStatus.NeedMoreData;
            }

            if (!_codeLengths.TryBuild(_codeLengthLengths, DecodingTable.Meaning.CodeLengths))
            {
                return InflateStatus.InvalidData;
            }

            (_hasCodeLengths, _filled) = (true, 0);
        }

        var status = ReadLengths(ref bits);
        return status != InflateStatus.Done ? status
            : _lengths[DeflateFormat.EndOfBlock] > 0
                && Literals.TryBuild(_lengths.AsSpan(0, _literalCount), DecodingTable.Meaning.Lengths)
                && Distances.TryBuild(_lengths.AsSpan(_literalCount, _distanceCount), DecodingTable.Meaning.Distances)
                ? InflateStatus.Done
                : InflateStatus.InvalidData;
    }

    private bool TryReadCounts(ref BitReader bits)
    {
        if (!bits.TryFill(14))
        {
            return false;
        }

        _literalCount = 257 + bits.Take(5);
        _distanceCount = 1 + bits.Take(5);
        _codeLengthCount = 4 + bits.Take(4);
        Array.Clear(_codeLengthLengths);
        return true;
    }

    private bool TryReadCodeLengthLengths(ref BitReader bits)
    {
        for (; _filled < _codeLengthCount; _filled++)
        {
            if (!bits.TryFill(3))
            {
                return false;
            }

            _codeLengthLengths[DeflateFormat.CodeLengthOrder[_filled]] = (byte)bits.Take(3);
        }

        return true;
    }

    private InflateStatus ReadLengths(ref BitReader bits)
    {
        var count = _literalCount + _distanceCount;
        var entries = _codeLengths.Entries;
        while (_filled < count)
        {
            // The longest code and its extra bits; near the end of the input there may be fewer, and enough.
            bits.TryFill(DeflateFormat.LongestCodeLengthCode + 7);
            var entry = entries[bits.Peek(DeflateFormat.LongestCodeLengthCode)];
            var length = DecodingTable.BitsOf(entry);
            if (length > bits.Count)
            {
                return InflateStatus.NeedMoreData;
            }

            var symbol = DecodingTable.ValueOf(entry);
            if (symbol < RepeatPrevious)
            {
                bits.Skip(length);
                _lengths[_filled++] = (byte)symbol;
                continue;
            }

            var (extra, least) = symbol switch
            {
                RepeatPrevious => (2, 3),
                RepeatZero => (3, 3),
                _ => (7, 11),
            };
            if (length + extra > bits.Count)
            {
                return InflateStatus.NeedMoreData;
            }

            bits.Skip(length);
            var repeat = least + bits.Take(extra);
            if (_filled + repeat > count || (symbol == RepeatPrevious && _filled == 0))
            {
                return InflateStatus.InvalidData;
            }

            _lengths.AsSpan(_filled, repeat).Fill(symbol == RepeatPrevious ? _lengths[_filled - 1] : (byte)0);
            _filled += repeat;
        }

        return InflateStatus.Done;
    }
}
