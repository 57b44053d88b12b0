using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// Walks the header fields of a <see cref="CompactHead"/>. Each is a number, which is that of a common name, or else the length of the name
/// that follows, counted on behind those; the value's length; the value.
/// </summary>
internal struct CompactFields(byte[] head, int start)
{
    private int _next = start;
    private int _common;
    private Range _name;

    /// <summary>Where the present field's value lies in the head.</summary>
    public Range Value { get; private set; }

    /// <summary>The present field's name, in the case sent.</summary>
    public readonly string Name => Encoding.Latin1.GetString(NameBytes);

    private readonly ReadOnlySpan<byte> NameBytes => _common < CommonNames.Count ? CommonNames.Bytes(_common) : head.AsSpan(_name);

    /// <summary>Reads a number, and goes behind it.</summary>
    public static int ReadNumber(ReadOnlySpan<byte> head, ref int next)
    {
        int number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = head[next++];
            number |= (part & 0x7f) << shift;
            if (part <= 0x7f)
            {
                return number;
            }
        }
    }

    /// <summary>Goes to the next field. Behind the last one it stays there, however often it is asked.</summary>
    public bool MoveNext()
    {
        if (_next == head.Length)
        {
            return false;
        }

        _common = ReadNumber(head, ref _next);
        _name = _next..(_next + Math.Max(0, _common - CommonNames.Count));
        _next = _name.End.Value;
        int length = ReadNumber(head, ref _next);
        Value = _next..(_next + length);
        _next += length;
        return true;
    }

    /// <summary>Goes to the next field of a name, in any case.</summary>
    public bool MoveTo(string name)
    {
        while (MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(NameBytes, name))
            {
                return true;
            }
        }

        return false;
    }
}
