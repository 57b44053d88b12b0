using System.Buffers;

namespace RawSocketChat.Sending;

/// <summary>A chain of <see cref="OutputSegment"/>s with its length. A mutable struct: keep it in a field, pass it by reference.</summary>
internal struct SegmentChain
{
    private const int SegmentCost = 128;

    private OutputSegment? _first;
    private OutputSegment? _last;
    private int _withoutBuffer;

    /// <summary>How many bytes the chain holds.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// What the chain counts for against a bound: its bytes, and for each segment that did not bring a buffer what the object costs, so
    /// that many short messages are bounded as well.
    /// </summary>
    public readonly long Cost => Length + ((long)_withoutBuffer * SegmentCost);

    /// <summary>How many segments are payloads sent from where they lie, for senders that wait until they are written.</summary>
    public int References { get; private set; }

    /// <summary>Whether there is no segment.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Where the next bytes can be copied to; may be empty.</summary>
    public readonly Span<byte> Free => _last is null ? default : _last.Free;

    /// <summary>How many of its bytes were copied into buffers of its own.</summary>
    public readonly int CountCopied()
    {
        var copied = 0;
        for (var segment = _first; segment is not null; segment = segment.NextSegment)
        {
            copied += segment.IsForeign ? 0 : segment.Length;
        }

        return copied;
    }

    /// <summary>Counts bytes copied to <see cref="Free"/>.</summary>
    public void Advance(int bytes)
    {
        _last!.Advance(bytes);
        Length += bytes;
    }

    /// <summary>Puts a segment at the end.</summary>
    public void Append(OutputSegment segment)
    {
        if (_last is null)
        {
            _first = segment;
        }
        else
        {
            _last.Append(segment);
            segment.Follow(_last);
        }

        _last = segment;
        Length += segment.Length;
        References += segment.IsAwaited ? 1 : 0;
        _withoutBuffer += segment.HasBuffer ? 0 : 1;
    }

    /// <summary>Goes on in the last buffer that was copied into, where others' memory came behind it and so many bytes are free.</summary>
    public bool TryContinue(int enough)
    {
        if (_last?.TryContinue(enough) is not { } segment)
        {
            return false;
        }

        Append(segment);
        return true;
    }

    /// <summary>Counts bytes in that lie right behind those of the last segment.</summary>
    public bool TryExtend(ReadOnlyMemory<byte> bytes)
    {
        if (_last?.TryExtend(bytes) != true)
        {
            return false;
        }

        Length += bytes.Length;
        return true;
    }

    /// <summary>Moves all of another chain to the end of this one.</summary>
    public void Append(ref SegmentChain other)
    {
        if (other._first is null)
        {
            return;
        }

        if (_last is null)
        {
            _first = other._first;
        }
        else
        {
            _last.Append(other._first);
        }

        _last = other._last;
        Length += other.Length;
        References += other.References;
        _withoutBuffer += other._withoutBuffer;
        other = default;
    }

    /// <summary>All bytes, for one gathered write.</summary>
    public readonly ReadOnlySequence<byte> AsSequence()
    {
        long index = 0;
        for (var segment = _first; segment is not null; segment = segment.NextSegment)
        {
            segment.SetRunningIndex(index);
            index += segment.Length;
        }

        return new(_first!, 0, _last!, _last!.Length);
    }

    /// <summary>How much of <see cref="Cost"/> can be dropped, counted from the first message until it is enough.</summary>
    public readonly long DroppableCost(long enough)
    {
        long cost = 0;
        for (var segment = _first; segment is not null && cost < enough; segment = segment.NextSegment)
        {
            cost += segment.IsDroppable ? segment.Length + SegmentCost : 0;
        }

        return cost;
    }

    /// <summary>Takes out the first whole message that may be dropped.</summary>
    /// <returns>False where there is none.</returns>
    public bool DropFirstDroppable(ArrayPool<byte> pool)
    {
        OutputSegment? before = null;
        for (var segment = _first; segment is not null; before = segment, segment = segment.NextSegment)
        {
            if (!segment.IsDroppable)
            {
                continue;
            }

            if (before is null)
            {
                _first = segment.NextSegment;
            }
            else
            {
                before.Append(segment.NextSegment);
            }

            if (_last == segment)
            {
                _last = before;
            }

            Length -= segment.Length;
            _withoutBuffer--;
            segment.Release(pool);
            return true;
        }

        return false;
    }

    /// <summary>Releases every segment.</summary>
    public void Release(ArrayPool<byte> pool)
    {
        for (var segment = _first; segment is not null;)
        {
            var next = segment.NextSegment;
            segment.Release(pool);
            segment = next;
        }

        this = default;
    }
}
