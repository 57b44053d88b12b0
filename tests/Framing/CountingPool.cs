using System.Buffers;

namespace RawSocketChat.Framing.Tests;

/// <summary>A pool that knows how many bytes are out, by what was asked for.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly Dictionary<byte[], int> _out = [];

    public int Out => _out.Values.Sum();

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength + 3];
        _out.Add(array, minimumLength);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false) =>
        _out.Remove(array).Should().BeTrue("only what is out can be returned");
}

/// <summary>A pool whose arrays are full of something.</summary>
internal sealed class DirtyPool(byte content) : ArrayPool<byte>
{
    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength];
        array.AsSpan().Fill(content);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
    }
}
