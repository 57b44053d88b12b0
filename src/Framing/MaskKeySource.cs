using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawSocketChat.Framing;

/// <summary>
/// Gives a client's masking keys. RFC 6455 §5.3: "The masking key needs to be unpredictable; thus, the masking key MUST be derived
/// from a strong source of entropy". Keys are drawn from the generator many at a time, and none is given twice. Not thread-safe:
/// a connection uses its own under its send lock.
/// </summary>
public sealed class MaskKeySource
{
    private const int KeysADraw = 64;

    private readonly RandomFill _fill;
    private readonly uint[] _keys = new uint[KeysADraw];
    private int _next = KeysADraw;

    /// <summary>A source that draws from the operating system's cryptographic generator.</summary>
    public MaskKeySource()
        : this(RandomNumberGenerator.Fill)
    {
    }

    /// <summary>A source that draws from somewhere else: for tests that need to know the keys.</summary>
    /// <param name="fill">The generator. In production it must be a cryptographic one.</param>
    public MaskKeySource(RandomFill fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        _fill = fill;
    }

    /// <summary>The next key, its four bytes in wire order in memory.</summary>
    /// <returns>Any value, 0 included.</returns>
    public uint Next()
    {
        if (_next == _keys.Length)
        {
            _fill(MemoryMarshal.AsBytes(_keys.AsSpan()));
            _next = 0;
        }

        var key = _keys[_next];
        _keys[_next++] = 0;
        return key;
    }
}
