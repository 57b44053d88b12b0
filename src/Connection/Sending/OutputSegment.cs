using System.Buffers;
using System.Runtime.InteropServices;

namespace RawSocketChat.Sending;

/// <summary>
/// A link in the chain of bytes to send: a rented array that frames are copied into, or memory of somebody else's that is sent from
/// where it lies. The objects are used again by the thread that released them.
/// </summary>
internal sealed class OutputSegment : ReadOnlySequenceSegment<byte>
{
    private const int MostSpares = 1024;

    [ThreadStatic]
    private static OutputSegment? _spares;

    [ThreadStatic]
    private static int _spareCount;

    private byte[]? _rented;

    /// <summary>The link behind this one.</summary>
    public OutputSegment? NextSegment { get; private set; }

    /// <summary>Whether the segment is one whole broadcast message, so that it can be dropped without harm to the others.</summary>
    public bool IsDroppable { get; private set; }

    /// <summary>Whether a sender awaits that the segment is written, because the memory is its own.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Whether the memory is somebody else's.</summary>
    public bool IsForeign => _rented is null;

    /// <summary>How many bytes it holds.</summary>
    public int Length => Memory.Length;

    /// <summary>The rest of the rented array; empty where the memory is somebody else's.</summary>
    public Span<byte> Free => _rented is null ? default : _rented.AsSpan(Memory.Length);

    /// <summary>A segment to copy into.</summary>
    public static OutputSegment Rent(ArrayPool<byte> pool, int size)
    {
        var segment = Take();
        segment._rented = pool.Rent(size);
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
    public static OutputSegment OverFrame(PreparedMessage message, bool droppable)
    {
        var segment = Take();
        segment.Memory = message.Frame;
        segment.IsDroppable = droppable;
        return segment;
    }

    /// <summary>Counts bytes written into <see cref="Free"/>.</summary>
    public void Advance(int bytes) => Memory = _rented.AsMemory(0, Memory.Length + bytes);

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

    /// <summary>Sets where in the batch this segment starts: the sequence needs it before the batch is sent.</summary>
    public void SetRunningIndex(long index) => RunningIndex = index;

    /// <summary>Gives the array back. The segment is no longer to be used.</summary>
    public void Release(ArrayPool<byte> pool)
    {
        if (_rented is not null)
        {
            pool.Return(_rented);
        }

        _rented = null;
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
