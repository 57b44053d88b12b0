using System.Buffers;

namespace RawSocketChat.Framing;

/// <summary>
/// Inflates the messages of one direction of a connection (RFC 7692 §7.2.2; RFC 1951), in pieces cut anywhere, into memory of the caller's, who
/// so bounds a message while it is inflated. For one thread at a time.
/// </summary>
/// <remarks>
/// Between messages it holds nothing where there is no context takeover, and the window where there is. A distance beyond the window, or beyond
/// what was inflated, is an error: nothing is ever read that was not written.
/// </remarks>
public sealed class MessageInflater : IDisposable
{
    private const int SmallestWindow = 8;
    private const int LargestWindow = 15;

    // The longest length and distance with their extra bits: a match is taken whole or not at all.
    private const int LongestMatchBits = 48;

    private static readonly DecodingTable FixedLiterals = BuildFixedLiterals();
    private static readonly DecodingTable FixedDistances = BuildFixedDistances();

    private readonly byte _windowBits;
    private readonly bool _contextTakeover;
    private readonly ArrayPool<byte> _pool;

    private ulong _bits;
    private DynamicCodes? _codes;
    private byte[]? _window;
    private int _windowEnd;
    private int _known;
    private int _storedLength;
    private int _copyLength;
    private int _copyDistance;
    private byte _bitCount;
    private State _state;
    private bool _isFinal;

    /// <summary>An inflater that holds nothing yet.</summary>
    /// <param name="windowBits">The peer's messages refer to 2 to the power of so many bytes back at most: 8 to 15.</param>
    /// <param name="contextTakeover">Whether they refer to earlier messages.</param>
    /// <param name="pool">Where the window is rented.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="windowBits"/> is out of range.</exception>
    public MessageInflater(int windowBits, bool contextTakeover, ArrayPool<byte> pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBits, SmallestWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowBits, LargestWindow);
        ArgumentNullException.ThrowIfNull(pool);
        _windowBits = (byte)windowBits;
        _contextTakeover = contextTakeover;
        _pool = pool;
    }

    private enum State : byte
    {
        BlockHeader,
        StoredLength,
        Stored,
        Codes,
        FixedBlock,
        DynamicBlock,
        Failed,
    }

    private int WindowSize => 1 << _windowBits;

    /// <summary>The bytes that an inflater of that window holds between messages, with context takeover, besides the object itself.</summary>
    /// <param name="windowBits">8 to 15.</param>
    /// <returns>2 to the power of it.</returns>
    public static int MemoryOf(int windowBits) => 1 << windowBits;

    /// <summary>Inflates the next piece.</summary>
    /// <param name="source">Compressed payload, cut anywhere.</param>
    /// <param name="endOfMessage">
    /// Whether the message ends with it. The bytes 00 00 FF FF that its sender has left out need not be appended.
    /// </param>
    /// <param name="destination">Where to; never more than fits.</param>
    /// <param name="consumed">How many bytes of the source are taken; some may be held as bits.</param>
    /// <param name="written">How many bytes of the destination are written.</param>
    /// <returns>Whether to go on, and how.</returns>
    public InflateStatus Inflate(ReadOnlySpan<byte> source, bool endOfMessage, Span<byte> destination, out int consumed, out int written)
    {
        var bits = new BitReader(source, _bits, _bitCount);
        var output = new Output(this, destination);
        var status = Run(ref bits, ref output);
        if (status == InflateStatus.NeedMoreData && endOfMessage)
        {
            status = IsAtEnd(bits) ? InflateStatus.Done : InflateStatus.InvalidData;
        }

        (consumed, written) = (bits.Position, output.Written);
        (_bits, _bitCount) = (bits.Bits, (byte)bits.Count);
        switch (status)
        {
            case InflateStatus.InvalidData:
                _state = State.Failed;
                break;
            case InflateStatus.Done:
                _state = State.BlockHeader;
                EndMessage(destination[..written]);
                break;
            default:
                Remember(destination[..written]);
                break;
        }

        return status;
    }

    /// <summary>Gives everything back. The next message must not refer to an earlier one.</summary>
    public void Dispose()
    {
        ReturnCodes();
        ForgetWindow();
    }

    private InflateStatus Run(ref BitReader bits, ref Output output)
    {
        while (true)
        {
            InflateStatus? stop = _state switch
            {
                State.BlockHeader => ReadBlockHeader(ref bits),
                State.StoredLength => ReadStoredLength(ref bits),
                State.Stored => CopyStored(ref bits, ref output),
                State.Codes => ReadCodes(ref bits),
                State.FixedBlock => Decode(ref bits, ref output, FixedLiterals, FixedDistances),
                State.DynamicBlock => Decode(ref bits, ref output, _codes!.Literals, _codes.Distances),
                _ => InflateStatus.InvalidData,
            };
            if (stop is { } status)
            {
                return status;
            }
        }
    }

    private InflateStatus? ReadBlockHeader(ref BitReader bits)
    {
        if (_isFinal)
        {
            // RFC 7692 §7.2.3.4: a sender may use blocks with BFINAL set. What follows in the message begins at the next byte.
            bits.Skip(bits.Count & 7);
            _isFinal = false;
        }

        if (!bits.TryFill(3))
        {
            return InflateStatus.NeedMoreData;
        }

        _isFinal = bits.Take(1) == 1;
        switch (bits.Take(2))
        {
            case DeflateFormat.Stored:
                bits.Skip(bits.Count & 7);
                _state = State.StoredLength;
                return null;
            case DeflateFormat.Fixed:
                _state = State.FixedBlock;
                return null;
            case DeflateFormat.Dynamic:
                _codes = DynamicCodes.Rent();
                _state = State.Codes;
                return null;
            default:
                return InflateStatus.InvalidData;
        }
    }

    private InflateStatus? ReadStoredLength(ref BitReader bits)
    {
        if (!bits.TryFill(32))
        {
            return InflateStatus.NeedMoreData;
        }

        // RFC 1951 §3.2.4: "NLEN is the one's complement of LEN."
        _storedLength = bits.Take(16);
        if (bits.Take(16) != (_storedLength ^ ushort.MaxValue))
        {
            return InflateStatus.InvalidData;
        }

        _state = State.Stored;
        return null;
    }

    private InflateStatus? CopyStored(ref BitReader bits, ref Output output)
    {
        var free = output.Free;
        var copied = bits.CopyTo(free[..Math.Min(free.Length, _storedLength)]);
        output.Written += copied;
        _storedLength -= copied;
        if (_storedLength == 0)
        {
            _state = State.BlockHeader;
            return null;
        }

        return copied == free.Length ? InflateStatus.DestinationFull : InflateStatus.NeedMoreData;
    }

    private InflateStatus? ReadCodes(ref BitReader bits)
    {
        var status = _codes!.Read(ref bits);
        if (status != InflateStatus.Done)
        {
            return status;
        }

        _state = State.DynamicBlock;
        return null;
    }

    private InflateStatus? Decode(ref BitReader bits, ref Output output, DecodingTable literals, DecodingTable distances)
    {
        if (_copyLength > 0 && !TryCopy(ref output))
        {
            return InflateStatus.DestinationFull;
        }

        while (true)
        {
            // Where the input ends, fewer bits may be enough.
            if (bits.Count < LongestMatchBits)
            {
                if (bits.HasEight)
                {
                    bits.FillFast();
                }
                else
                {
                    bits.TryFill(LongestMatchBits);
                }
            }

            var entry = Find(literals, bits.Bits, out var length);
            if (length > bits.Count)
            {
                return InflateStatus.NeedMoreData;
            }

            if (!DecodingTable.HasKind(entry))
            {
                if (DecodeMatch(ref bits, entry, length, distances) is { } stop)
                {
                    return stop;
                }

                if (_copyDistance > WindowSize || _copyDistance > _known + output.Written)
                {
                    return InflateStatus.InvalidData;
                }

                if (!TryCopy(ref output))
                {
                    return InflateStatus.DestinationFull;
                }
            }
            else if ((entry & DecodingTable.Literal) != 0)
            {
                if (output.Free.IsEmpty)
                {
                    return InflateStatus.DestinationFull;
                }

                bits.Skip(length);
                output.Append((byte)DecodingTable.ValueOf(entry));
            }
            else if ((entry & DecodingTable.EndOfBlock) != 0)
            {
                bits.Skip(length);
                ReturnCodes();
                _state = State.BlockHeader;
                return null;
            }
            else
            {
                return InflateStatus.InvalidData;
            }
        }
    }

    // Takes a length and its distance, or nothing.
    private InflateStatus? DecodeMatch(ref BitReader bits, uint entry, int used, DecodingTable distances)
    {
        var extra = DecodingTable.ExtraBitsOf(entry);
        var matched = DecodingTable.ValueOf(entry) + Extra(bits.Bits >> used, extra);
        used += extra;
        var distance = Find(distances, bits.Bits >> used, out var length);
        used += length;
        if (used > bits.Count)
        {
            return InflateStatus.NeedMoreData;
        }

        if (DecodingTable.HasKind(distance))
        {
            return InflateStatus.InvalidData;
        }

        extra = DecodingTable.ExtraBitsOf(distance);
        var back = DecodingTable.ValueOf(distance) + Extra(bits.Bits >> used, extra);
        used += extra;
        if (used > bits.Count)
        {
            return InflateStatus.NeedMoreData;
        }

        bits.Skip(used);
        (_copyLength, _copyDistance) = (matched, back);
        return null;
    }

    // False where the destination has no room for all of it.
    private bool TryCopy(ref Output output)
    {
        var copied = output.CopyMatch(_copyDistance, _copyLength);
        _copyLength -= copied;
        return _copyLength == 0;
    }

    private static uint Find(DecodingTable table, ulong bits, out int length)
    {
        var entries = table.Entries;
        var entry = entries[(int)bits & ((1 << table.IndexBits) - 1)];
        length = DecodingTable.BitsOf(entry);
        if ((entry & DecodingTable.SecondTable) != 0)
        {
            var index = (int)(bits >> length) & ((1 << DecodingTable.ExtraBitsOf(entry)) - 1);
            entry = entries[DecodingTable.ValueOf(entry) + index];
            length += DecodingTable.BitsOf(entry);
        }

        return entry;
    }

    private static int Extra(ulong bits, int count) => (int)bits & ((1 << count) - 1);

    // RFC 7692 §7.2.1: a message ends with an empty stored block whose length, 00 00 FF FF, its sender has left out. One that ends with the
    // block before it is whole as well: behind a block with BFINAL set, and in the empty message of no byte at all.
    private bool IsAtEnd(in BitReader bits) => _state switch
    {
        State.StoredLength or State.BlockHeader => bits.Count == 0,
        _ => false,
    };

    private void EndMessage(ReadOnlySpan<byte> written)
    {
        (_bits, _bitCount, _isFinal) = (0, 0, false);
        if (_contextTakeover)
        {
            Remember(written);
        }
        else
        {
            ForgetWindow();
        }
    }

    // What may be referred to later.
    private void Remember(ReadOnlySpan<byte> written)
    {
        if (written.IsEmpty)
        {
            return;
        }

        _window ??= _pool.Rent(WindowSize);
        var size = WindowSize;
        var kept = written.Length > size ? written[^size..] : written;
        var first = Math.Min(kept.Length, size - _windowEnd);
        kept[..first].CopyTo(_window.AsSpan(_windowEnd));
        kept[first..].CopyTo(_window);
        _windowEnd = (_windowEnd + kept.Length) & (size - 1);
        _known = Math.Min(size, _known + kept.Length);
    }

    private void ForgetWindow()
    {
        (_known, _windowEnd) = (0, 0);
        if (_window is not null)
        {
            _pool.Return(_window);
            _window = null;
        }
    }

    private void ReturnCodes()
    {
        if (_codes is not null)
        {
            DynamicCodes.Return(_codes);
            _codes = null;
        }
    }

    private static DecodingTable BuildFixedLiterals()
    {
        Span<byte> lengths = stackalloc byte[288];
        DeflateFormat.FillFixedLiteralLengths(lengths);
        var table = new DecodingTable(DynamicCodes.LiteralIndexBits, 1 << DynamicCodes.LiteralIndexBits);
        table.TryBuild(lengths, DecodingTable.Meaning.Lengths);
        return table;
    }

    private static DecodingTable BuildFixedDistances()
    {
        Span<byte> lengths = stackalloc byte[32];
        lengths.Fill(5);
        var table = new DecodingTable(DynamicCodes.DistanceIndexBits, 1 << DynamicCodes.DistanceIndexBits);
        table.TryBuild(lengths, DecodingTable.Meaning.Distances);
        return table;
    }

    /// <summary>The destination of one call, with the window of the calls before behind it.</summary>
    private ref struct Output(MessageInflater inflater, Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Written { get; set; }

        public readonly Span<byte> Free => _destination[Written..];

        public void Append(byte literal) => _destination[Written++] = literal;

        // Copies as much of a match as there is room for; the distance has been checked.
        public int CopyMatch(int distance, int length)
        {
            length = Math.Min(length, _destination.Length - Written);
            var left = length;
            if (distance > Written)
            {
                left -= CopyFromWindow(distance - Written, left);
            }

            if (left == 0)
            {
                return length;
            }

            var target = _destination.Slice(Written, left);
            var source = _destination.Slice(Written - distance);
            Written += left;
            if (distance >= left)
            {
                source[..left].CopyTo(target);
            }
            else if (distance == 1)
            {
                target.Fill(source[0]);
            }
            else
            {
                // What is copied first is copied again: doubling.
                for (var done = 0; done < left;)
                {
                    var piece = Math.Min(distance + done, left - done);
                    source[..piece].CopyTo(target[done..]);
                    done += piece;
                }
            }

            return length;
        }

        private int CopyFromWindow(int back, int most)
        {
            var size = inflater.WindowSize;
            var start = (inflater._windowEnd - back) & (size - 1);
            var length = Math.Min(most, back);
            var first = Math.Min(length, size - start);
            inflater._window.AsSpan(start, first).CopyTo(_destination[Written..]);
            inflater._window.AsSpan(0, length - first).CopyTo(_destination[(Written + first)..]);
            Written += length;
            return length;
        }
    }
}
