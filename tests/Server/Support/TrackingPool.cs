using System.Buffers;
using System.Collections.Concurrent;

namespace RawSocketChat.Server.Tests.Support;

/// <summary>Counts what is rented and not returned, and notices what is returned twice.</summary>
internal sealed class TrackingPool : ArrayPool<byte>
{
    private readonly ConcurrentDictionary<byte[], bool> _out = new(ReferenceEqualityComparer.Instance as IEqualityComparer<byte[]>);
    private int _strangers;
    private int _rented;
    private long _bytesOut;

    public int Outstanding => _out.Count;

    public long BytesOutstanding => Interlocked.Read(ref _bytesOut);

    public int Rented => Volatile.Read(ref _rented);

    /// <summary>How many arrays were returned that were not out.</summary>
    public int Strangers => Volatile.Read(ref _strangers);

    public override byte[] Rent(int minimumLength)
    {
        var array = Shared.Rent(minimumLength);
        _out[array] = true;
        Interlocked.Increment(ref _rented);
        Interlocked.Add(ref _bytesOut, array.Length);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_out.TryRemove(array, out _))
        {
            Interlocked.Increment(ref _strangers);
            return;
        }

        Interlocked.Add(ref _bytesOut, -array.Length);
        Shared.Return(array, clearArray);
    }
}
