using System.Buffers;
using System.Collections.Concurrent;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// Counts the buffers that are out, refuses one that comes back twice or from elsewhere, and fills what goes out and what comes back with
/// a byte that nobody sends.
/// </summary>
internal sealed class TrackingPool : ArrayPool<byte>
{
    public const byte Poison = 0xDD;

    private readonly ConcurrentDictionary<byte[], bool> _out = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentQueue<string> _faults = new();
    private long _bytes;
    private long _most;

    public int Out => _out.Count;

    public long BytesOut => _out.Keys.Sum(array => (long)array.Length);

    /// <summary>The most bytes that were out at once.</summary>
    public long Most => Volatile.Read(ref _most);

    public IEnumerable<string> Faults => _faults;

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)minimumLength))];
        Array.Fill(array, Poison);
        _out[array] = true;
        var now = Interlocked.Add(ref _bytes, array.Length);
        InterlockedMax(now);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_out.TryRemove(array, out _))
        {
            _faults.Enqueue($"A buffer of {array.Length} bytes came back that was not out: {Environment.StackTrace}");
        }

        Interlocked.Add(ref _bytes, -array.Length);

        Array.Fill(array, Poison);
    }

    private void InterlockedMax(long value)
    {
        for (var most = Most; value > most; most = Most)
        {
            Interlocked.CompareExchange(ref _most, value, most);
        }
    }
}
