using System.Buffers;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RawSocketChat.Framing;

/// <summary>
/// Deflates the messages of one direction of a connection (RFC 7692 §7.2.1; RFC 1951), with any window from 256 bytes to 32 KiB. For one thread
/// at a time.
/// </summary>
/// <remarks>
/// Between messages it holds nothing where there is no context takeover, and where there is, what <see cref="MemoryOf"/> tells. No distance is
/// ever greater than the window. The same messages give the same bytes.
/// </remarks>
public sealed class MessageDeflater : IDisposable
{
    private const int SmallestWindow = 8;
    private const int LargestWindow = 15;
    private const int SmallestHash = 8;

    // A match of three bytes from far away takes more bits than three literals.
    private const int FarForShortest = 4096;

    // After so many literals in a row, the next positions are looked at in ever longer strides: what has not compressed so far will not.
    private const int PatienceShift = 6;

    private readonly byte _windowBits;
    private readonly bool _contextTakeover;
    private readonly CompressionLevel _level;
    private readonly ArrayPool<byte> _pool;

    // The window's bytes, and behind them room for as many new ones; then, in the other array, the latest position of each hash, and the
    // position before each one that has the same hash. Positions count modulo 65,536: what they say is always checked by comparing bytes.
    private byte[]? _buffer;
    private byte[]? _tables;
    private int _filled;
    private ushort _base;
    private int _chainLength;
    private byte _hashBits;

    /// <summary>A deflater that holds nothing yet.</summary>
    /// <param name="windowBits">Messages refer to 2 to the power of so many bytes back at most: 8 to 15.</param>
    /// <param name="contextTakeover">Whether they may refer to earlier messages.</param>
    /// <param name="level">How hard to try.</param>
    /// <param name="pool">Where memory is rented.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or the level is to compress nothing.</exception>
    public MessageDeflater(int windowBits, bool contextTakeover, CompressionLevel level, ArrayPool<byte> pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBits, SmallestWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowBits, LargestWindow);
        ArgumentNullException.ThrowIfNull(pool);
        if (level is not (CompressionLevel.Fastest or CompressionLevel.Optimal or CompressionLevel.SmallestSize))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "The level must be Fastest, Optimal or SmallestSize.");
        }

        _windowBits = (byte)windowBits;
        _contextTakeover = contextTakeover;
        _level = level;
        _pool = pool;
    }

    private int WindowSize => 1 << _windowBits;

    private bool HasChains => _level != CompressionLevel.Fastest;

    // How many earlier positions with the same hash are compared, and from which length on a match is good enough.
    private (int Chain, int Enough) Effort => _level switch
    {
        CompressionLevel.Fastest => (1, 0),
        CompressionLevel.Optimal => (24, 96),
        _ => (512, DeflateFormat.LongestMatch),
    };

    /// <summary>The bytes that a deflater of that window holds between messages, with context takeover, besides the object itself.</summary>
    /// <param name="windowBits">8 to 15.</param>
    /// <param name="level">The level.</param>
    /// <returns>Four times the window for <see cref="CompressionLevel.Fastest"/>, else six times.</returns>
    public static int MemoryOf(int windowBits, CompressionLevel level) => (level == CompressionLevel.Fastest ? 4 : 6) << windowBits;

    /// <summary>Appends the compressed form of a message, or of the next piece of one.</summary>
    /// <param name="piece">The payload.</param>
    /// <param name="endOfMessage">
    /// Whether the message ends with it. It then ends with the empty stored block that RFC 7692 §7.2.1 asks for, without its 00 00 FF FF; a piece
    /// before ends with all of it, so that the receiver can inflate the piece at once.
    /// </param>
    /// <param name="output">
    /// Where to. Its memory is written beyond what is then counted, by some bytes. Where it throws, the message is lost, and the next one refers
    /// to no earlier one.
    /// </param>
    public void Deflate(ReadOnlySpan<byte> piece, bool endOfMessage, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        try
        {
            DeflatePiece(piece, endOfMessage, output);
        }
        catch
        {
            // The receiver will not have what this end has in its window.
            Dispose();
            throw;
        }

        if (endOfMessage && !_contextTakeover)
        {
            Dispose();
        }
    }

    /// <summary>Gives everything back. The next message refers to no earlier one.</summary>
    public void Dispose()
    {
        if (_buffer is not null)
        {
            _pool.Return(_buffer);
        }

        if (_tables is not null)
        {
            _pool.Return(_tables);
        }

        (_buffer, _tables, _filled, _base) = (null, null, 0, 0);
    }

    private void DeflatePiece(ReadOnlySpan<byte> piece, bool endOfMessage, IBufferWriter<byte> output)
    {
        var pending = default(PendingBits);
        if (!_contextTakeover && endOfMessage && _buffer is null)
        {
            DeflateAlone(piece, output, ref pending);
        }
        else if (!piece.IsEmpty)
        {
            DeflateBehind(piece, output, ref pending);
        }

        if (endOfMessage || !piece.IsEmpty)
        {
            DeflateBlock.Flush(output, withLength: !endOfMessage, ref pending);
        }
    }

    // A whole message that refers to nothing else is compressed where it lies.
    private void DeflateAlone(ReadOnlySpan<byte> message, IBufferWriter<byte> output, ref PendingBits pending)
    {
        if (message.IsEmpty)
        {
            return;
        }

        RentTables(message.Length);
        Compress(message, 0, output, ref pending);
    }

    // Behind what is known: copied to the window's end, as much as there is room for at once.
    private void DeflateBehind(ReadOnlySpan<byte> piece, IBufferWriter<byte> output, ref PendingBits pending)
    {
        if (_buffer is null)
        {
            _buffer = _pool.Rent(2 * WindowSize);
            RentTables(WindowSize);
        }

        while (!piece.IsEmpty)
        {
            if (_filled == 2 * WindowSize)
            {
                _buffer.AsSpan(WindowSize, WindowSize).CopyTo(_buffer);
                _filled = WindowSize;
                _base += (ushort)WindowSize;
            }

            var length = Math.Min(piece.Length, (2 * WindowSize) - _filled);
            piece[..length].CopyTo(_buffer.AsSpan(_filled));
            piece = piece[length..];
            var start = _filled;
            _filled += length;
            Compress(_buffer.AsSpan(0, _filled), start, output, ref pending);
        }
    }

    // Cleared, or what is compressed would depend on whose the memory was before: so no larger than is of use.
    private void RentTables(int length)
    {
        _hashBits = (byte)Math.Clamp(BitOperations.Log2((uint)length) + 1, SmallestHash, _windowBits);
        _chainLength = HasChains ? (int)Math.Min((uint)WindowSize, BitOperations.RoundUpToPowerOf2((uint)length)) : 0;
        var size = sizeof(ushort) * ((1 << _hashBits) + _chainLength);
        _tables = _pool.Rent(size);
        _tables.AsSpan(0, size).Clear();
    }

    // Compresses what begins at start; what lies before it may be referred to.
    private void Compress(ReadOnlySpan<byte> data, int start, IBufferWriter<byte> output, ref PendingBits pending)
    {
        var block = DeflateBlock.Own;
        var tables = MemoryMarshal.Cast<byte, ushort>(_tables.AsSpan());
        var previous = HasChains ? tables.Slice(1 << _hashBits, _chainLength) : default;
        var finder = new MatchFinder(data, tables[..(1 << _hashBits)], previous, _hashBits, WindowSize, _base);
        finder.InsertBefore(start);
        var position = start;
        while (position < data.Length)
        {
            var blockStart = position;
            position = HasChains ? FindLazily(ref finder, block, data, position) : FindGreedily(ref finder, block, data, position);
            block.Write(data[blockStart..position], output, ref pending);
        }
    }

    // Takes the first match there is.
    private static int FindGreedily(ref MatchFinder finder, DeflateBlock block, ReadOnlySpan<byte> data, int position)
    {
        var missed = 0;
        while (position < data.Length && !block.IsFull)
        {
            var length = finder.FindLatest(position, out var distance);
            if (length > 0)
            {
                block.AddMatch(length, distance);
                finder.InsertInside(position, length);
                position += length;
                missed = 0;
                continue;
            }

            for (var stride = 1 + (missed++ >> PatienceShift); stride > 0 && position < data.Length && !block.IsFull; stride--)
            {
                block.AddLiteral(data[position++]);
            }
        }

        return position;
    }

    // Takes a match only if the next position has no longer one.
    private int FindLazily(ref MatchFinder finder, DeflateBlock block, ReadOnlySpan<byte> data, int position)
    {
        var (chain, enough) = Effort;
        var (length, distance) = (0, 0);
        while (position < data.Length && !block.IsFull)
        {
            if (length == 0)
            {
                length = Find(ref finder, position, 0, chain, enough, out distance);
            }

            if (length == 0)
            {
                block.AddLiteral(data[position++]);
                continue;
            }

            if (length < enough && position + 1 < data.Length)
            {
                var next = Find(ref finder, position + 1, length, chain, enough, out var nextDistance);
                if (next > length)
                {
                    block.AddLiteral(data[position++]);
                    (length, distance) = (next, nextDistance);
                    continue;
                }

                finder.InsertInside(position + 1, length - 1);
            }
            else
            {
                finder.InsertInside(position, length);
            }

            block.AddMatch(length, distance);
            position += length;
            length = 0;
        }

        return position;
    }

    private static int Find(ref MatchFinder finder, int position, int longerThan, int chain, int enough, out int distance)
    {
        var length = finder.FindLongest(position, longerThan, chain, enough, out distance);
        return length == DeflateFormat.ShortestMatch && distance > FarForShortest ? 0 : length;
    }
}
