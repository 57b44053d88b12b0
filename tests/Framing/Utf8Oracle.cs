namespace RawSocketChat.Framing.Tests;

/// <summary>
/// Another judge of UTF-8, byte by byte and without a table: it keeps the range of code points that the bytes so far can still
/// become, and fails when no allowed code point is left in it.
/// </summary>
internal struct Utf8Oracle
{
    private int _outstanding;
    private int _bits;
    private int _smallest;

    /// <summary>Whether the bytes so far end at a character's end.</summary>
    public readonly bool IsComplete => _outstanding == 0;

    /// <summary>Takes one byte more.</summary>
    /// <returns>False where no further bytes can make the text valid.</returns>
    public bool Accept(byte octet)
    {
        if (_outstanding > 0)
        {
            if (octet / 64 != 0b10)
            {
                return false;
            }

            _outstanding--;
            _bits = (_bits * 64) + (octet % 64);
            return SomethingIsLeft();
        }

        switch (octet)
        {
            case < 0b1000_0000:
                return true;
            case < 0b1100_0000:
                return false;
            case < 0b1110_0000:
                (_outstanding, _bits, _smallest) = (1, octet % 32, 0x80);
                break;
            case < 0b1111_0000:
                (_outstanding, _bits, _smallest) = (2, octet % 16, 0x800);
                break;
            case < 0b1111_1000:
                (_outstanding, _bits, _smallest) = (3, octet % 8, 0x10000);
                break;
            default:
                return false;
        }

        return SomethingIsLeft();
    }

    private readonly bool SomethingIsLeft()
    {
        var span = 1 << (6 * _outstanding);
        var lowest = Math.Max(_bits * span, _smallest);
        var highest = Math.Min((_bits * span) + span - 1, 0x10FFFF);
        var onlySurrogates = lowest >= 0xD800 && highest <= 0xDFFF;
        return lowest <= highest && !onlySurrogates;
    }
}
