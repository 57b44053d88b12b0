using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace RawSocketChat;

/// <summary>
/// Where buffers are rented unless an option says otherwise: the shared pool, and a reserve beside it. The shared pool keeps some 32 arrays of
/// a size for each processor. Where more connections than that hold a part of a long message at the same time, it would make arrays
/// and forget them all the time. Bounded in bytes; what was not needed between two collections of the oldest generation is let go.
/// For any thread.
/// </summary>
internal sealed class BufferReserve : ArrayPool<byte>
{
    /// <summary>The most bytes that lie in the reserve.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    // The sizes of arrays that are kept, powers of two: smaller ones are not worth a lock, larger ones would be few.
    private const int Smallest = 8 * 1024;
    private const int Largest = 1024 * 1024;

    private readonly Shelf[] _shelves = [.. Enumerable.Range(0, ShelfOf(Largest) + 1).Select(static _ => new Shelf())];
    private int _bytes;

    /// <summary>The reserve of the process.</summary>
    public static BufferReserve OfProcess { get; } = WithTrimming();

    /// <summary>How many bytes lie in the reserve.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <inheritdoc/>
    public override byte[] Rent(int minimumLength)
    {
        if (minimumLength is > Smallest / 2 and <= Largest)
        {
            var shelf = _shelves[ShelfOf(minimumLength)];
            lock (_shelves)
            {
                if (shelf.TryTake(out var array))
                {
                    _bytes -= array.Length;
                    return array;
                }
            }
        }

        return Shared.Rent(minimumLength);
    }

    /// <inheritdoc/>
    public override void Return(byte[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Length is >= Smallest and <= Largest && BitOperations.IsPow2(array.Length))
        {
            if (clearArray)
            {
                Array.Clear(array);
            }

            lock (_shelves)
            {
                if (_bytes + array.Length <= MostBytes)
                {
                    _bytes += array.Length;
                    _shelves[ShelfOf(array.Length)].Put(array);
                    return;
                }
            }
        }

        Shared.Return(array, clearArray);
    }

    /// <summary>Lets go of the arrays that nobody has needed since this was called last.</summary>
    public void Trim()
    {
        lock (_shelves)
        {
            foreach (var shelf in _shelves)
            {
                _bytes -= shelf.Trim();
            }
        }
    }

    private static BufferReserve WithTrimming()
    {
        var reserve = new BufferReserve();
        _ = new Collected(reserve);
        return reserve;
    }

    private static int ShelfOf(int length) => Math.Max(0, BitOperations.Log2((uint)length - 1) + 1 - BitOperations.Log2(Smallest));

    // The arrays of one size. Under the lock.
    private sealed class Shelf
    {
        private readonly Stack<byte[]> _arrays = new();
        private int _unneeded;

        public bool TryTake([NotNullWhen(true)] out byte[]? array)
        {
            var found = _arrays.TryPop(out array);
            _unneeded = Math.Min(_unneeded, _arrays.Count);
            return found;
        }

        public void Put(byte[] array) => _arrays.Push(array);

        // The bytes that were let go.
        public int Trim()
        {
            var bytes = 0;
            for (; _unneeded > 0; _unneeded--)
            {
                bytes += _arrays.Pop().Length;
            }

            _unneeded = _arrays.Count;
            return bytes;
        }
    }

    // Garbage from the beginning: its finalizer runs after each collection of the generation that it has reached, which soon is the oldest.
    private sealed class Collected(BufferReserve reserve)
    {
        ~Collected()
        {
            reserve.Trim();
            GC.ReRegisterForFinalize(this);
        }
    }
}
