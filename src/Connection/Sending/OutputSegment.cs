using System.Buffers;
using System.Runtime.InteropServices;

namespace RawSocketChat.Sending;

/// <summary>
/// A link in the chain of bytes to send: a rented array that frames are copied into, or what is left of the last one before, or memory of somebody
/// else's that is sent from where it lies. Segments of one array are released together. The objects are used again by the thread that released them.
/// </summary>
internal sealed class OutputSegment : ReadOnlySequenceSegment<byte>
{
    private const int MostSpares = 1024;

    [ThreadStatic]
    private static OutputSegment? _spares;

    [ThreadStatic]
    private static int _spareCount;

    /// <summary>
    /// What a chain knows of itself, where this is its first segment. So a chain is one reference, and a connection that has nothing to send small.
    /// </summary>
    public ChainTotals Totals;

    private byte[]? _rented;
    private int _offset;
    private bool _isContinued;

    // The last segment up to here that was copied into.
    private OutputSegment? _copied;

    /// <summary>The link behind this one.</summary>
    public OutputSegment? NextSegment { get; private set; }

    /// <summary>Whether the segment is one whole broadcast message, so that it can be dropped without harm to the others.</summary>
    public bool IsDroppable { get; private set; }

    /// <summary>Whether a sender awaits that the segment is written, because the memory is its own.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Whether the memory is somebody else's.</summary>
    public bool IsForeign => _rented is null;

    /// <summary>Whether it counts with its bytes alone: it brought a buffer, in which they and many more have room.</summary>
    public bool HasBuffer => _rented is not null && _offset == 0;

    /// <summary>How many bytes it holds.</summary>
    public int Length => Memory.Length;

    /// <summary>The rest of the rented array; empty where the memory is somebody else's.</summary>
    public Span<byte> Free => _rented is null ? default : _rented.AsSpan(_offset + Memory.Length);

    /// <summary>A segment to copy into.</summary>
    public static OutputSegment Rent(ArrayPool<byte> pool, int size)
    {
        var segment = Take();
        segment._rented = pool.Rent(size);
        segment._copied = segment;
        return segment;
    }

    /// <summary>
    /// A segment to copy into what is left of the last buffer before this segment's end, if that is enough: a buffer for each short message between
    /// two that are sent from where they lie would be more memory than anything counts.
    /// </summary>
    /// <param name="enough">How many free bytes there must be.</param>
    public OutputSegment? TryContinue(int enough)
    {
        if (_copied is not { } copied || copied.Free.Length < enough)
        {
            return null;
        }

        var segment = Take();
        segment._rented = copied._rented;
        segment._offset = copied._offset + copied.Length;
        segment._copied = segment;
        copied._isContinued = true;
        return segment;
    }

    /// <summary>A segment over a sender's payload; the sender waits until it is written.</summary>
    public static OutputSegment OverPayload(ReadOnlyMemory<byte> payload)
    {
        var segment = Take();
        segment.Memory = payload;
        segment.IsAwaited = true;
        return segment;
    }

    /// <summary>A segment over a frame that never changes.</summary>
    public static OutputSegment OverFrame(ReadOnlyMemory<byte> frame, bool droppable)
    {
        var segment = Take();
        segment.Memory = frame;
        segment.IsDroppable = droppable;
        return segment;
    }

    /// <summary>Counts bytes written into <see cref="Free"/>.</summary>
    public void Advance(int bytes) => Memory = _rented.AsMemory(_offset, Memory.Length + bytes);

    /// <summary>Takes in bytes that never change and lie right behind this segment's own, such as the next broadcast message.</summary>
    public bool TryExtend(ReadOnlyMemory<byte> bytes)
    {
        if (_rented is not null || IsDroppable || IsAwaited
            || !MemoryMarshal.TryGetArray(Memory, out var own)
            || !MemoryMarshal.TryGetArray(bytes, out var next)
            || own.Array != next.Array
            || own.Offset + own.Count != next.Offset)
        {
            return false;
        }

        Memory = own.Array.AsMemory(own.Offset, own.Count + next.Count);
        return true;
    }

    /// <summary>Puts a segment, or nothing, behind this one.</summary>
    public void Append(OutputSegment? next)
    {
        NextSegment = next;
        Next = next;
    }

    /// <summary>Tells this segment which one it is put behind.</summary>
    public void Follow(OutputSegment before) => _copied ??= before._copied;

    /// <summary>Sets where in the batch this segment starts: the sequence needs it before the batch is sent.</summary>
    public void SetRunningIndex(long index) => RunningIndex = index;

    /// <summary>Gives the array back, where no later segment does. The segment is no longer to be used.</summary>
    public void Release(ArrayPool<byte> pool)
    {
        if (_rented is not null && !_isContinued)
        {
            pool.Return(_rented);
        }

        Totals = default;
        _rented = null;
        _offset = 0;
        _isContinued = false;
        _copied = null;
        Memory = default;
        IsDroppable = false;
        IsAwaited = false;
        RunningIndex = 0;
        if (_spareCount < MostSpares)
        {
            Append(_spares);
            _spares = this;
            _spareCount++;
        }
        else
        {
            Append(null);
        }
    }

    private static OutputSegment Take()
    {
        var segment = _spares;
        if (segment is null)
        {
            return new();
        }

        _spares = segment.NextSegment;
        _spareCount--;
        segment.Append(null);
        return segment;
    }
}
