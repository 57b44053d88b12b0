using System.Buffers.Binary;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The header fields of a head, a request's or a response's (RFC 9112 §5). Immutable; any threads may use it.</summary>
/// <remarks>
/// It keeps the bytes of the head without their separators, and behind them 4 bytes for each header field (8 where the head has 64 KiB and
/// more), in one array of exactly that size. Strings are made anew by each call that asks for one; bytes beyond ASCII become the Latin-1
/// characters of the same number.
/// </remarks>
internal readonly struct HeaderFields
{
    private readonly byte[] _head;
    private readonly int _length;

    public HeaderFields(ReadOnlySpan<byte> head, int start, ReadOnlySpan<HeaderField> fields)
    {
        Start = start;
        _length = head.Length;
        _head = new byte[head.Length + (fields.Length * FieldSize)];
        head.CopyTo(_head);
        for (int i = 0; i < fields.Length; i++)
        {
            Span<byte> field = _head.AsSpan(head.Length + (i * FieldSize), FieldSize);
            if (IsShort)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)fields[i].NameEnd);
                BinaryPrimitives.WriteUInt16LittleEndian(field[sizeof(ushort)..], (ushort)fields[i].ValueEnd);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(field, fields[i].NameEnd);
                BinaryPrimitives.WriteInt32LittleEndian(field[sizeof(int)..], fields[i].ValueEnd);
            }
        }
    }

    // Where the first field's name begins: before it lies what is kept of the start line.
    public int Start { get; }

    public int Count => (_head.Length - _length) / FieldSize;

    public IEnumerable<KeyValuePair<string, string>> All
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                yield return new KeyValuePair<string, string>(Text(NameRange(i)), Text(ValueRange(i)));
            }
        }
    }

    private bool IsShort => _length <= ushort.MaxValue;

    private int FieldSize => 2 * (IsShort ? sizeof(ushort) : sizeof(int));

    // RFC 9110 §5.3: several fields of the name are joined by ", ". Null when there is none.
    public string? Joined(string name) => CountOf(name, out Range first) switch
    {
        0 => null,
        1 => Text(first),
        _ => string.Join(", ", Values(name)),
    };

    public List<string> Values(string name)
    {
        var values = new List<string>();
        for (int i = Find(name, 0); i >= 0; i = Find(name, i + 1))
        {
            values.Add(Text(ValueRange(i)));
        }

        return values;
    }

    // False where the field occurs more than once.
    public bool TryGetSingle(string name, out string? value)
    {
        int count = CountOf(name, out Range only);
        value = count == 1 ? Text(only) : null;
        return count <= 1;
    }

    // RFC 9110 §5.6.1: whether the list, over all fields of the name, holds a token, in any case.
    public bool HasToken(string name, string token)
    {
        foreach (Range element in Elements(name))
        {
            if (Ascii.EqualsIgnoreCase(Bytes(element), token))
            {
                return true;
            }
        }

        return false;
    }

    // How many fields have the name, and the value of the first; an empty range when none has.
    public int CountOf(string name, out Range first)
    {
        int found = Find(name, 0);
        first = found < 0 ? default : ValueRange(found);
        int count = 0;
        while (found >= 0)
        {
            count++;
            found = Find(name, found + 1);
        }

        return count;
    }

    // The index of the next field of the name, or -1.
    public int Find(string name, int from)
    {
        for (int i = from; i < Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(_head.AsSpan(NameRange(i)), name))
            {
                return i;
            }
        }

        return -1;
    }

    public ListElements Elements(string name) => new(this, name);

    public ReadOnlySpan<byte> Bytes(Range range) => _head.AsSpan(range);

    public ReadOnlyMemory<byte> Memory(Range range) => _head.AsMemory(range);

    public string Text(Range range) => Encoding.Latin1.GetString(_head.AsSpan(range));

    public Range ValueRange(int index)
    {
        HeaderField field = Field(index);
        return field.NameEnd..field.ValueEnd;
    }

    private Range NameRange(int index) => (index == 0 ? Start : Field(index - 1).ValueEnd)..Field(index).NameEnd;

    private HeaderField Field(int index)
    {
        ReadOnlySpan<byte> field = _head.AsSpan(_length + (index * FieldSize), FieldSize);
        return IsShort
            ? new(BinaryPrimitives.ReadUInt16LittleEndian(field), BinaryPrimitives.ReadUInt16LittleEndian(field[sizeof(ushort)..]))
            : new(BinaryPrimitives.ReadInt32LittleEndian(field), BinaryPrimitives.ReadInt32LittleEndian(field[sizeof(int)..]));
    }
}
