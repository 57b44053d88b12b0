using System.Buffers.Binary;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>An immutable request head (RFC 9112 §3, §5), as <see cref="RequestParser"/> has read it. Any threads may use it.</summary>
/// <remarks>
/// It keeps the bytes of the head without their separators, and behind them 4 bytes for each header field (8 where the head has 64 KiB and
/// more), in one array of exactly that size. Strings are made anew by each call that asks for one; bytes beyond ASCII become the Latin-1
/// characters of the same number.
/// </remarks>
public sealed class HttpRequest
{
    private readonly byte[] _head;
    private readonly int _length;
    private readonly int _methodLength;
    private readonly RequestTarget _target;

    internal HttpRequest(ReadOnlySpan<byte> head, int methodLength, RequestTarget target, ReadOnlySpan<HeaderField> fields)
    {
        _length = head.Length;
        _methodLength = methodLength;
        _target = target;
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

    /// <summary>The method as sent, case kept: a token (RFC 9112 §3.1), "GET" in every opening handshake.</summary>
    public string Method => IsGet ? "GET" : Text(.._methodLength);

    /// <summary>The request target as sent (RFC 9112 §3.2): in origin-form ("/chat?x=1") or absolute-form ("http://host/chat").</summary>
    public string Target => Text(_methodLength..(_methodLength + _target.Length));

    /// <summary>The path, percent-encoded as sent and without the query; "/" where an absolute-form has none (RFC 6455 §3).</summary>
    public string Path => _target.PathStart == _target.PathEnd
        ? "/"
        : Text((_methodLength + _target.PathStart)..(_methodLength + _target.PathEnd));

    /// <summary>The query, percent-encoded as sent, without its '?'; "" when there is none.</summary>
    public string Query => _target.PathEnd == _target.Length
        ? string.Empty
        : Text((_methodLength + _target.PathEnd + 1)..(_methodLength + _target.Length));

    /// <summary>The number of header fields, repeated names counted each time.</summary>
    public int HeaderCount => (_head.Length - _length) / FieldSize;

    /// <summary>The header fields in the order sent, names in the case sent, values without surrounding white space.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            for (int i = 0; i < HeaderCount; i++)
            {
                yield return new KeyValuePair<string, string>(Text(NameRange(i)), Text(ValueRange(i)));
            }
        }
    }

    /// <summary>
    /// Whether the request asks for <c>Upgrade: websocket</c> (RFC 6455 §4.2.1 item 3). False means plain HTTP; true is
    /// not yet a valid handshake: <see cref="UpgradeNegotiator"/> judges that.
    /// </summary>
    public bool IsUpgradeRequest => HasToken("Upgrade", "websocket");

    private bool IsShort => _length <= ushort.MaxValue;

    private int FieldSize => 2 * (IsShort ? sizeof(ushort) : sizeof(int));

    internal bool IsGet => _head.AsSpan(0, _methodLength).SequenceEqual("GET"u8);

    /// <summary>The value of a header field, or null when it is absent.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <returns>The value without surrounding white space; several fields of the name are joined by ", " (RFC 9110 §5.3).</returns>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Count(name, out Range first) switch
        {
            0 => null,
            1 => Text(first),
            _ => Joined(name),
        };
    }

    /// <summary>The value of a header field that may occur only once.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="value">The value without surrounding white space; null when the field is absent or occurs more than once.</param>
    /// <returns>False when the field occurs more than once, else true.</returns>
    public bool TryGetSingleHeader(string name, out string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        int count = Count(name, out Range only);
        value = count == 1 ? Text(only) : null;
        return count <= 1;
    }

    /// <summary>Whether a comma-separated list (RFC 9110 §5.6.1), over all fields of the name, holds a token.</summary>
    /// <param name="headerName">The field's name, in any case.</param>
    /// <param name="token">The token, compared without regard to ASCII case.</param>
    public bool HasToken(string headerName, string token)
    {
        ArgumentNullException.ThrowIfNull(headerName);
        ArgumentException.ThrowIfNullOrEmpty(token);
        foreach (Range element in Elements(headerName))
        {
            if (Ascii.EqualsIgnoreCase(Bytes(element), token))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 9112 §3.2.2: where the target is in absolute-form, its host counts and the Host field is ignored.
    internal ReadOnlyMemory<byte> Authority
    {
        get
        {
            if (_target.IsAbsolute)
            {
                return _head.AsMemory((_methodLength + _target.AuthorityStart)..(_methodLength + _target.PathStart));
            }

            Count("Host", out Range host);
            return Memory(host);
        }
    }

    internal ListElements Elements(string headerName) => new(this, headerName);

    internal ReadOnlySpan<byte> Bytes(Range range) => _head.AsSpan(range);

    internal ReadOnlyMemory<byte> Memory(Range range) => _head.AsMemory(range);

    internal string Text(Range range) => Encoding.Latin1.GetString(_head.AsSpan(range));

    // How many fields have the name, and the value of the first; an empty range when none has.
    internal int Count(string name, out Range first)
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
    internal int Find(string name, int from)
    {
        for (int i = from; i < HeaderCount; i++)
        {
            if (Ascii.EqualsIgnoreCase(_head.AsSpan(NameRange(i)), name))
            {
                return i;
            }
        }

        return -1;
    }

    internal Range ValueRange(int index)
    {
        HeaderField field = Field(index);
        return field.NameEnd..field.ValueEnd;
    }

    private Range NameRange(int index) => (index == 0 ? _methodLength + _target.Length : Field(index - 1).ValueEnd)..Field(index).NameEnd;

    private HeaderField Field(int index)
    {
        ReadOnlySpan<byte> field = _head.AsSpan(_length + (index * FieldSize), FieldSize);
        return IsShort
            ? new(BinaryPrimitives.ReadUInt16LittleEndian(field), BinaryPrimitives.ReadUInt16LittleEndian(field[sizeof(ushort)..]))
            : new(BinaryPrimitives.ReadInt32LittleEndian(field), BinaryPrimitives.ReadInt32LittleEndian(field[sizeof(int)..]));
    }

    private string Joined(string name)
    {
        var values = new List<string>();
        for (int i = Find(name, 0); i >= 0; i = Find(name, i + 1))
        {
            values.Add(Text(ValueRange(i)));
        }

        return string.Join(", ", values);
    }
}
