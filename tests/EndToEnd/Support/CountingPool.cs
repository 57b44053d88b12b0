using System.Buffers;

namespace RawSocketChat.EndToEnd.Tests.Support;

/// <summary>Counts the buffers that are out.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private int _out;

    public int Out => Volatile.Read(ref _out);

    public override byte[] Rent(int minimumLength)
    {
        Interlocked.Increment(ref _out);
        return Shared.Rent(minimumLength);
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        Interlocked.Decrement(ref _out);
        Shared.Return(array, clearArray);
    }
}
