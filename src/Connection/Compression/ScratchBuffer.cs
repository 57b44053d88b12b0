using System.Buffers;

namespace RawSocketChat.Compression;

/// <summary>A buffer that grows, used by one thread again and again.</summary>
internal sealed class ScratchBuffer : IBufferWriter<byte>
{
    private const int Smallest = 1024;

    // A buffer that has grown beyond this, for one large message, is not kept.
    private const int LargestKept = 128 * 1024;

    [ThreadStatic]
    private static ScratchBuffer? _own;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The calling thread's, empty. What was in it is no longer valid.</summary>
    public static ScratchBuffer Take()
    {
        var own = _own ??= new();
        own._length = 0;
        if (own._bytes.Length > LargestKept)
        {
            own._bytes = [];
        }

        return own;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int more)
    {
        var needed = _length + Math.Max(more, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, Math.Max(Smallest, 2 * _bytes.Length)));
        }
    }
}
