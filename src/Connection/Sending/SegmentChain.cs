using System.Buffers;

namespace RawSocketChat.Sending;

/// <summary>A chain of <see cref="OutputSegment"/>s with its totals. A mutable struct: keep it in a field, pass it by reference.</summary>
internal struct SegmentChain
{
    private const int SegmentCost = 128;

    private OutputSegment? _first;

    /// <summary>How many bytes the chain holds.</summary>
    public readonly long Length => _first is null ? 0 : _first.Totals.Length;

    /// <summary>
    /// What the chain counts for against a bound: its bytes, and for each segment that did not bring a buffer what the object costs, so
    /// that many short messages are bounded as well.
    /// </summary>
    public readonly long Cost => _first is null ? 0 : _first.Totals.Length + ((long)_first.Totals.WithoutBuffer * SegmentCost);

    /// <summary>How many segments are payloads sent from where they lie, for senders that wait until they are written.</summary>
    public readonly int References => _first is null ? 0 : _first.Totals.References;

    /// <summary>Whether there is no segment.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Where the next bytes can be copied to; may be empty.</summary>
    public readonly Span<byte> Free => _first is null ? default : _first.Totals.Last.Free;

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
    public readonly void Advance(int bytes)
    {
        ref var totals = ref _first!.Totals;
        totals.Last.Advance(bytes);
        totals.Length += bytes;
    }

    /// <summary>Puts a segment at the end.</summary>
    public void Append(OutputSegment segment)
    {
        if (_first is null)
        {
            _first = segment;
        }
        else
        {
            var last = _first.Totals.Last;
            last.Append(segment);
            segment.Follow(last);
        }

        _first.Totals.Add(segment);
    }

    /// <summary>Goes on in the last buffer that was copied into, where others' memory came behind it and so many bytes are free.</summary>
    public bool TryContinue(int enough)
    {
        if (_first?.Totals.Last.TryContinue(enough) is not { } segment)
        {
            return false;
        }

        Append(segment);
        return true;
    }

    /// <summary>Counts bytes in that lie right behind those of the last segment.</summary>
    public readonly bool TryExtend(ReadOnlyMemory<byte> bytes)
    {
        if (_first?.Totals.Last.TryExtend(bytes) != true)
        {
            return false;
        }

        _first.Totals.Length += bytes.Length;
        return true;
    }

    /// <summary>Moves all of another chain to the end of this one.</summary>
    public void Append(ref SegmentChain other)
    {
        if (_first is null)
        {
            _first = other._first;
        }
        else if (other._first is { } next)
        {
            ref var totals = ref _first.Totals;
            totals.Last.Append(next);
            totals.Last = next.Totals.Last;
            totals.Length += next.Totals.Length;
            totals.References += next.Totals.References;
            totals.WithoutBuffer += next.Totals.WithoutBuffer;
        }

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

        var last = _first!.Totals.Last;
        return new(_first, 0, last, last.Length);
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

            ref var totals = ref _first!.Totals;
            totals.Length -= segment.Length;
            totals.WithoutBuffer--;
            if (before is null)
            {
                _first = segment.NextSegment;
                if (_first is not null)
                {
                    _first.Totals = totals;
                }
            }
            else
            {
                before.Append(segment.NextSegment);
                totals.Last = totals.Last == segment ? before : totals.Last;
            }

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
