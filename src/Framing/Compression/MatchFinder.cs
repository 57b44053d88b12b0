using System.Buffers.Binary;

namespace RawSocketChat.Framing;

/// <summary>
/// Finds where the bytes at a position stood before, by a hash of the first of them. Positions are kept modulo 65,536, so one that is out of
/// date looks like another; that does no harm, as each is compared byte by byte, within the window.
/// </summary>
/// <param name="data">What is compressed, and before it what may be referred to.</param>
/// <param name="latest">By hash: the latest position.</param>
/// <param name="previous">By position: the one before with the same hash; empty where only the latest are looked at.</param>
/// <param name="hashBits">How many bits a hash has.</param>
/// <param name="windowSize">How far back to look.</param>
/// <param name="first">The position of the first byte of the data.</param>
internal readonly ref struct MatchFinder(
    ReadOnlySpan<byte> data, Span<ushort> latest, Span<ushort> previous, int hashBits, int windowSize, ushort first)
{
    // Where only the latest position is looked at, four bytes are hashed: shorter matches are not worth it.
    private const int FewestHashed = 4;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly Span<ushort> _latest = latest;
    private readonly Span<ushort> _previous = previous;

    /// <summary>Remembers the last positions before this one: when they were compressed, what follows them was not known.</summary>
    public void InsertBefore(int position)
    {
        for (var i = Math.Max(0, position - FewestHashed + 1); i < position; i++)
        {
            if (i + FewestHashed <= _data.Length)
            {
                Insert(i);
            }
        }
    }

    /// <summary>Compares with the latest position of the same hash, and remembers this one.</summary>
    /// <returns>The length of the match; 0 for none.</returns>
    public int FindLatest(int position, out int distance)
    {
        distance = 0;
        if (position + FewestHashed > _data.Length)
        {
            return 0;
        }

        var candidate = Insert(position);
        distance = (ushort)(first + position - candidate);
        return distance == 0 || distance > Math.Min(windowSize, position) ? 0
            : LengthOf(position, position - distance) is var length && length >= FewestHashed ? length : 0;
    }

    /// <summary>Compares with earlier positions of the same hash, and remembers this one.</summary>
    /// <param name="position">The position.</param>
    /// <param name="longerThan">Only a longer match is of interest.</param>
    /// <param name="chain">How many are compared at most.</param>
    /// <param name="enough">A match of that length is good enough.</param>
    /// <param name="distance">How far back the match is.</param>
    /// <returns>The length of the longest match; 0 for none.</returns>
    public int FindLongest(int position, int longerThan, int chain, int enough, out int distance)
    {
        distance = 0;
        if (position + FewestHashed > _data.Length)
        {
            return 0;
        }

        var best = Math.Max(longerThan, DeflateFormat.ShortestMatch - 1);
        var found = 0;
        var farthest = Math.Min(windowSize, position);
        var at = (ushort)(first + position);
        var candidate = Insert(position);
        var back = 0;
        for (; chain > 0; chain--)
        {
            // They are older and older; one that is not, is out of date.
            var candidateBack = (ushort)(at - candidate);
            if (candidateBack <= back || candidateBack > farthest)
            {
                break;
            }

            back = candidateBack;
            var other = position - back;
            if (position + best < _data.Length && _data[other + best] == _data[position + best])
            {
                var length = LengthOf(position, other);
                if (length > best)
                {
                    (best, found, distance) = (length, length, back);
                    if (length >= enough)
                    {
                        break;
                    }
                }
            }

            candidate = _previous[candidate & (_previous.Length - 1)];
        }

        return found;
    }

    /// <summary>Remembers the positions inside a match behind its first; where only the latest are looked at, some of them.</summary>
    public void InsertInside(int position, int length)
    {
        var last = Math.Min(position + length, _data.Length - FewestHashed + 1);
        if (!_previous.IsEmpty)
        {
            for (var i = position + 1; i < last; i++)
            {
                Insert(i);
            }
        }
        else if (position + length - 1 < last)
        {
            Insert(position + length - 1);
        }
    }

    private ushort Insert(int position)
    {
        // Three of the four bytes count where all matches are looked for. The multiplier spreads their bits over the highest ones.
        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(_data[position..]);
        var hash = ((_previous.IsEmpty ? bytes : bytes << 8) * 0x9E3779B1) >> (32 - hashBits);
        var candidate = _latest[(int)hash];
        var at = (ushort)(first + position);
        _latest[(int)hash] = at;
        if (!_previous.IsEmpty)
        {
            _previous[at & (_previous.Length - 1)] = candidate;
        }

        return candidate;
    }

    private int LengthOf(int position, int other)
    {
        var most = Math.Min(DeflateFormat.LongestMatch, _data.Length - position);
        return _data.Slice(position, most).CommonPrefixLength(_data.Slice(other, most));
    }
}
