using System.Buffers;
using System.Numerics;

namespace RawSocketChat.Framing;

/// <summary>
/// The literals and matches of one block, until it is written in whichever of the three forms is the shortest (RFC 1951 §3.2.3). Some 100 KB,
/// one for each thread: nothing of it is needed from one call to the next.
/// </summary>
internal sealed class DeflateBlock
{
    /// <summary>The most literals and matches: beyond, the codes of a new block are worth their bits.</summary>
    public const int MostTokens = 16 * 1024;

    // With fewer tokens than that, codes of its own cannot pay for a block.
    private const int FewestForDynamic = 64;

    private const int RepeatPrevious = 16;
    private const int RepeatZero = 17;
    private const int RepeatZeroLong = 18;

    [ThreadStatic]
    private static DeflateBlock? _own;

    private static readonly byte[] LengthCodes = BuildLengthCodes();
    private static readonly HuffmanCode FixedLiterals = BuildFixedLiterals();
    private static readonly HuffmanCode FixedDistances = BuildFixedDistances();

    // A literal is itself; a match its length above 16 bits of distance.
    private readonly uint[] _tokens = new uint[MostTokens];
    private readonly int[] _literalFrequencies = new int[DeflateFormat.LiteralCodes];
    private readonly int[] _distanceFrequencies = new int[DeflateFormat.DistanceCodes];
    private readonly int[] _codeLengthFrequencies = new int[DeflateFormat.CodeLengthCodes];
    private readonly HuffmanCode _literals = new(DeflateFormat.LiteralCodes, DeflateFormat.LongestCode);
    private readonly HuffmanCode _distances = new(DeflateFormat.DistanceCodes, DeflateFormat.LongestCode);
    private readonly HuffmanCode _codeLengths = new(DeflateFormat.CodeLengthCodes, DeflateFormat.LongestCodeLengthCode);

    // The lengths of both codes, run-length encoded: a symbol, and above 8 bits its extra bits.
    private readonly ushort[] _lengthSymbols = new ushort[DeflateFormat.LiteralCodes + DeflateFormat.DistanceCodes];
    private int _lengthSymbolCount;
    private int _literalCount;
    private int _distanceCount;
    private int _codeLengthCount;
    private int _count;

    private DeflateBlock()
    {
    }

    /// <summary>The calling thread's, empty: also where the output of the one before has failed.</summary>
    public static DeflateBlock Own
    {
        get
        {
            var own = _own ??= new();
            if (own._count > 0)
            {
                own.Clear();
            }

            return own;
        }
    }

    /// <summary>Whether there is room for no more.</summary>
    public bool IsFull => _count == MostTokens;

    /// <summary>Adds a literal.</summary>
    public void AddLiteral(byte literal)
    {
        _tokens[_count++] = literal;
        _literalFrequencies[literal]++;
    }

    /// <summary>Adds a match.</summary>
    public void AddMatch(int length, int distance)
    {
        _tokens[_count++] = ((uint)length << 16) | (uint)distance;
        _literalFrequencies[257 + LengthCodes[length]]++;
        _distanceFrequencies[DistanceCode(distance)]++;
    }

    /// <summary>Writes the block, and is empty again.</summary>
    /// <param name="raw">What its literals and matches stand for.</param>
    /// <param name="output">Where to.</param>
    /// <param name="pending">The bits that do not fill a byte yet, of what was written before, and then of this.</param>
    public void Write(ReadOnlySpan<byte> raw, IBufferWriter<byte> output, ref PendingBits pending)
    {
        _literalFrequencies[DeflateFormat.EndOfBlock] = 1;
        var extraBits = ExtraBits();
        var storedBits = StoredBits(raw.Length, pending.Count);
        var fixedBits = extraBits + FixedBits();
        var dynamicBits = _count < FewestForDynamic ? long.MaxValue : extraBits + BuildCodes();
        if (storedBits <= Math.Min(fixedBits, dynamicBits))
        {
            WriteStored(raw, output, ref pending);
        }
        else
        {
            var isFixed = fixedBits <= dynamicBits;
            var writer = new BitWriter(output.GetSpan((int)(Math.Min(fixedBits, dynamicBits) / 8) + 16), pending);
            writer.Write((uint)(isFixed ? DeflateFormat.Fixed : DeflateFormat.Dynamic) << 1, 3);
            if (isFixed)
            {
                WriteTokens(ref writer, FixedLiterals, FixedDistances);
            }
            else
            {
                _literals.AssignCodes();
                _distances.AssignCodes();
                WriteCodes(ref writer);
                WriteTokens(ref writer, _literals, _distances);
            }

            output.Advance(writer.Written);
            pending = writer.Pending;
        }

        Clear();
    }

    /// <summary>Writes an empty stored block, so that what stands before it ends at a byte (RFC 7692 §7.2.1).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="withLength">Whether its length, 00 00 FF FF, is written; at the end of a message it is left out.</param>
    /// <param name="pending">The bits that do not fill a byte yet; then none.</param>
    public static void Flush(IBufferWriter<byte> output, bool withLength, ref PendingBits pending)
    {
        var writer = new BitWriter(output.GetSpan(16), pending);
        writer.Write(DeflateFormat.Stored, 3);
        writer.Align();
        if (withLength)
        {
            writer.Write([0x00, 0x00, 0xFF, 0xFF]);
        }

        output.Advance(writer.Written);
        pending = default;
    }

    private void Clear()
    {
        _count = 0;
        Array.Clear(_literalFrequencies);
        Array.Clear(_distanceFrequencies);
    }

    private int ExtraBits()
    {
        var bits = 0;
        for (var code = 8; code < DeflateFormat.LengthExtraBits.Length; code++)
        {
            bits += _literalFrequencies[257 + code] * DeflateFormat.LengthExtraBits[code];
        }

        for (var code = 4; code < DeflateFormat.DistanceCodes; code++)
        {
            bits += _distanceFrequencies[code] * DeflateFormat.DistanceExtraBits[code];
        }

        return bits;
    }

    private static long StoredBits(int length, int pending)
    {
        var blocks = 1 + (Math.Max(0, length - 1) / DeflateFormat.LongestStored);
        return (8L * length) + (40L * blocks) - pending;
    }

    // What the block takes with the fixed codes, but for extra bits. RFC 1951 §3.2.6: most of them have eight bits, those of distances five.
    private long FixedBits()
    {
        var matches = Sum(_literalFrequencies.AsSpan(257));
        var bits = 3 + (8L * (_count + 1)) + (5L * matches);
        return bits + Sum(_literalFrequencies.AsSpan(144..256)) - Sum(_literalFrequencies.AsSpan(256..280));
    }

    private static int Sum(ReadOnlySpan<int> frequencies)
    {
        var sum = 0;
        foreach (var frequency in frequencies)
        {
            sum += frequency;
        }

        return sum;
    }

    // Finds the lengths of the block's own codes, and tells what they and the block take, but for extra bits.
    private long BuildCodes()
    {
        var bits = _literals.Build(_literalFrequencies) + _distances.Build(_distanceFrequencies);
        _literalCount = 1 + _literals.Lengths.LastIndexOfAnyExcept((byte)0);
        _distanceCount = Math.Max(1, 1 + _distances.Lengths.LastIndexOfAnyExcept((byte)0));
        EncodeLengths();
        bits += _codeLengths.Build(_codeLengthFrequencies);
        _codeLengthCount = DeflateFormat.CodeLengthCodes;
        while (_codeLengthCount > 4 && _codeLengths.Lengths[DeflateFormat.CodeLengthOrder[_codeLengthCount - 1]] == 0)
        {
            _codeLengthCount--;
        }

        return bits + 3 + 14 + (3 * _codeLengthCount)
            + (2 * _codeLengthFrequencies[RepeatPrevious]) + (3 * _codeLengthFrequencies[RepeatZero]) + (7 * _codeLengthFrequencies[RepeatZeroLong]);
    }

    // RFC 1951 §3.2.7: both codes' lengths as one sequence, with runs of the same ones told by their number.
    private void EncodeLengths()
    {
        Span<byte> all = stackalloc byte[_literalCount + _distanceCount];
        _literals.Lengths[.._literalCount].CopyTo(all);
        _distances.Lengths[.._distanceCount].CopyTo(all[_literalCount..]);
        Array.Clear(_codeLengthFrequencies);
        _lengthSymbolCount = 0;
        for (var i = 0; i < all.Length;)
        {
            var length = all[i];
            var run = all[i..].IndexOfAnyExcept(length);
            run = run < 0 ? all.Length - i : run;
            i += run;
            if (length != 0)
            {
                AddLengthSymbol(length, 0);
                run--;
            }

            while (run > 0)
            {
                run -= AddRun(length, run);
            }
        }
    }

    // Of a run of zeros, or of repetitions of the length before.
    private int AddRun(byte length, int run)
    {
        if (run < 3)
        {
            AddLengthSymbol(length, 0);
            return 1;
        }

        var (symbol, least, most) = length != 0 ? (RepeatPrevious, 3, 6) : run < 11 ? (RepeatZero, 3, 10) : (RepeatZeroLong, 11, 138);
        var taken = Math.Min(run, most);
        AddLengthSymbol(symbol, taken - least);
        return taken;
    }

    private void AddLengthSymbol(int symbol, int extra)
    {
        _lengthSymbols[_lengthSymbolCount++] = (ushort)(symbol | (extra << 8));
        _codeLengthFrequencies[symbol]++;
    }

    private void WriteCodes(ref BitWriter writer)
    {
        _codeLengths.AssignCodes();
        writer.Write((uint)(_literalCount - 257), 5);
        writer.Write((uint)(_distanceCount - 1), 5);
        writer.Write((uint)(_codeLengthCount - 4), 4);
        for (var i = 0; i < _codeLengthCount; i++)
        {
            writer.Write(_codeLengths.Lengths[DeflateFormat.CodeLengthOrder[i]], 3);
        }

        foreach (var each in _lengthSymbols.AsSpan(0, _lengthSymbolCount))
        {
            var symbol = each & 0xFF;
            writer.Write(_codeLengths.Codes[symbol], _codeLengths.Lengths[symbol]);
            if (symbol >= RepeatPrevious)
            {
                writer.Write((uint)each >> 8, symbol == RepeatPrevious ? 2 : symbol == RepeatZero ? 3 : 7);
            }
        }
    }

    private void WriteTokens(ref BitWriter writer, HuffmanCode literals, HuffmanCode distances)
    {
        var literalCodes = literals.Codes;
        var literalLengths = literals.Lengths;
        var distanceCodes = distances.Codes;
        var distanceLengths = distances.Lengths;
        foreach (var token in _tokens.AsSpan(0, _count))
        {
            var length = (int)(token >> 16);
            if (length == 0)
            {
                writer.Write(literalCodes[(int)token], literalLengths[(int)token]);
                continue;
            }

            // All of a match at once: 48 bits at most.
            var code = LengthCodes[length];
            ulong bits = literalCodes[257 + code];
            int count = literalLengths[257 + code];
            bits |= (ulong)(length - DeflateFormat.LengthBases[code]) << count;
            count += DeflateFormat.LengthExtraBits[code];
            var distance = (int)(token & ushort.MaxValue);
            var distanceCode = DistanceCode(distance);
            bits |= (ulong)distanceCodes[distanceCode] << count;
            count += distanceLengths[distanceCode];
            bits |= (ulong)(distance - DeflateFormat.DistanceBases[distanceCode]) << count;
            writer.Write(bits, count + DeflateFormat.DistanceExtraBits[distanceCode]);
        }

        writer.Write(literalCodes[DeflateFormat.EndOfBlock], literalLengths[DeflateFormat.EndOfBlock]);
    }

    private static void WriteStored(ReadOnlySpan<byte> raw, IBufferWriter<byte> output, ref PendingBits pending)
    {
        do
        {
            var piece = raw[..Math.Min(raw.Length, DeflateFormat.LongestStored)];
            raw = raw[piece.Length..];
            var writer = new BitWriter(output.GetSpan(piece.Length + 24), pending);
            writer.Write(DeflateFormat.Stored, 3);
            writer.Align();
            writer.Write((uint)piece.Length | ((ulong)(ushort)~piece.Length << 16), 32);
            writer.Write(piece);
            output.Advance(writer.Written);
            pending = writer.Pending;
        }
        while (!raw.IsEmpty);
    }

    private static int DistanceCode(int distance)
    {
        var zeroBased = (uint)(distance - 1);
        if (zeroBased < 4)
        {
            return (int)zeroBased;
        }

        // Two codes for each power of two.
        var power = BitOperations.Log2(zeroBased);
        return (2 * power) + (int)((zeroBased >> (power - 1)) & 1);
    }

    private static byte[] BuildLengthCodes()
    {
        var codes = new byte[DeflateFormat.LongestMatch + 1];
        for (var code = 0; code < DeflateFormat.LengthBases.Length; code++)
        {
            var end = code + 1 < DeflateFormat.LengthBases.Length ? DeflateFormat.LengthBases[code + 1] : DeflateFormat.LongestMatch + 1;
            codes.AsSpan(DeflateFormat.LengthBases[code]..end).Fill((byte)code);
        }

        return codes;
    }

    private static HuffmanCode BuildFixedLiterals()
    {
        Span<byte> lengths = stackalloc byte[288];
        DeflateFormat.FillFixedLiteralLengths(lengths);
        var code = new HuffmanCode(lengths.Length, DeflateFormat.LongestCode);
        code.Build(lengths);
        return code;
    }

    private static HuffmanCode BuildFixedDistances()
    {
        Span<byte> lengths = stackalloc byte[DeflateFormat.DistanceCodes];
        lengths.Fill(5);
        var code = new HuffmanCode(lengths.Length, DeflateFormat.LongestCode);
        code.Build(lengths);
        return code;
    }
}
