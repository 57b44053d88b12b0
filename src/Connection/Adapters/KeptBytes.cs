using System.Buffers;

namespace RawSocketChat.Adapters;

/// <summary>
/// Bytes that a pipe's reader has looked at and wants to see again, together with the piece that came after them: two memories shown as one
/// sequence, so that only what was left over is ever copied.
/// </summary>
internal sealed class KeptBytes(ArrayPool<byte> pool)
{
    private const int SmallestBuffer = 4096;

    private readonly Segment _first = new();
    private readonly Segment _second = new();
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>How many there are.</summary>
    public int Length => _end - _start;

    private ReadOnlyMemory<byte> Memory => _buffer.AsMemory(_start, Length);

    /// <summary>What is kept, and behind it the piece. Valid until the next call of any method.</summary>
    public ReadOnlySequence<byte> With(ReadOnlyMemory<byte> piece)
    {
        if (Length == 0)
        {
            return new(piece);
        }

        if (piece.IsEmpty)
        {
            return new(Memory);
        }

        _first.Set(Memory, 0, _second);
        _second.Set(piece, Length, null);
        return new(_first, 0, _second, piece.Length);
    }

    /// <summary>Copies bytes to the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_buffer is null || _buffer.Length - _end < bytes.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Forgets bytes from the beginning.</summary>
    public void Take(int length)
    {
        _start += length;
        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Forgets everything and gives back the buffer.</summary>
    public void Clear()
    {
        if (_buffer is not null)
        {
            pool.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }

    // Doubling keeps the copying linear.
    private void MakeRoom(int more)
    {
        var larger = pool.Rent(Math.Max(checked(Length + more), Math.Max(SmallestBuffer, (int)Math.Min(Array.MaxLength, 2L * Length))));
        var length = Length;
        Memory.Span.CopyTo(larger);
        Clear();
        (_buffer, _end) = (larger, length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public void Set(ReadOnlyMemory<byte> memory, long runningIndex, Segment? next) =>
            (Memory, RunningIndex, Next) = (memory, runningIndex, next);
    }
}
