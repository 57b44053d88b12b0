using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// Writes and walks the header fields of a head: one byte for a name that most peers send, in the case that most of them send it in. Each is a
/// number, which is that of a common name, or else the length of the name that follows, counted on behind those; the value's length; the
/// value.
/// </summary>
internal struct CompactFields(byte[] head, int start)
{
    /// <summary>The most bytes that a number has.</summary>
    public const int LargestNumber = 5;

    private int _next = start;
    private int _common;
    private Range _name;

    /// <summary>Where the present field's value lies in the head.</summary>
    public Range Value { get; private set; }

    /// <summary>The present field's name, in the case sent.</summary>
    public readonly string Name => Encoding.Latin1.GetString(NameBytes);

    private readonly ReadOnlySpan<byte> NameBytes => _common < CommonNames.Count ? CommonNames.Bytes(_common) : head.AsSpan(_name);

    /// <summary>The fields alone.</summary>
    /// <param name="text">The head as it was read, without separators.</param>
    /// <param name="start">Where the first field's name begins.</param>
    /// <param name="fields">Where the fields end.</param>
    public static HeaderFields Write(ReadOnlySpan<byte> text, int start, ReadOnlySpan<HeaderField> fields)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(MostBytes(text, fields));
        int length = 0;
        Write(room, ref length, text, start, fields);
        byte[] written = room[..length];
        ArrayPool<byte>.Shared.Return(room);
        return new(written, 0);
    }

    /// <summary>How many bytes the fields of a head take at most, and what else of it is kept as it is.</summary>
    public static int MostBytes(ReadOnlySpan<byte> text, ReadOnlySpan<HeaderField> fields) => text.Length + (LargestNumber * 2 * fields.Length);

    /// <summary>Writes the fields of a head.</summary>
    public static void Write(byte[] room, ref int length, ReadOnlySpan<byte> text, int start, ReadOnlySpan<HeaderField> fields)
    {
        int end = start;
        foreach (HeaderField field in fields)
        {
            WriteName(room, ref length, text[end..field.NameEnd]);
            WriteNumber(room, ref length, field.ValueEnd - field.NameEnd);
            Write(room, ref length, text[field.NameEnd..field.ValueEnd]);
            end = field.ValueEnd;
        }
    }

    /// <summary>Writes bytes as they are.</summary>
    public static void Write(byte[] room, ref int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(room.AsSpan(length));
        length += bytes.Length;
    }

    /// <summary>Writes a number: 7 bits a byte, lowest first, and the eighth where another follows.</summary>
    public static void WriteNumber(byte[] room, ref int length, int number)
    {
        for (; number > 0x7f; number >>= 7)
        {
            room[length++] = (byte)(number | 0x80);
        }

        room[length++] = (byte)number;
    }

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

    private static void WriteName(byte[] room, ref int length, ReadOnlySpan<byte> name)
    {
        int known = CommonNames.Find(name);
        if (known >= 0)
        {
            WriteNumber(room, ref length, known);
            return;
        }

        WriteNumber(room, ref length, CommonNames.Count + name.Length);
        Write(room, ref length, name);
    }
}
