using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>The header fields of a head, a request's or a response's (RFC 9112 §5). Immutable; any threads may use it.</summary>
/// <remarks>
/// They lie in one array, as <see cref="CompactFields"/> reads them: for a connection keeps its request for its whole life. Strings are made anew
/// by each call that asks for one; bytes beyond ASCII become the Latin-1 characters of the same number.
/// </remarks>
/// <param name="bytes">An array that ends with the fields.</param>
/// <param name="start">Where the first one begins.</param>
internal readonly struct HeaderFields(byte[] bytes, int start)
{
    public int Count
    {
        get
        {
            int count = 0;
            for (CompactFields fields = Walk(); fields.MoveNext();)
            {
                count++;
            }

            return count;
        }
    }

    public IEnumerable<KeyValuePair<string, string>> All
    {
        get
        {
            for (CompactFields fields = Walk(); fields.MoveNext();)
            {
                yield return new KeyValuePair<string, string>(fields.Name, Text(fields.Value));
            }
        }
    }

    // The fields, before the first.
    public CompactFields Walk() => new(bytes, start);

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
        for (CompactFields fields = Walk(); fields.MoveTo(name);)
        {
            values.Add(Text(fields.Value));
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
        first = default;
        int count = 0;
        for (CompactFields fields = Walk(); fields.MoveTo(name);)
        {
            first = count++ == 0 ? fields.Value : first;
        }

        return count;
    }

    public ListElements Elements(string name) => new(this, name);

    public ReadOnlySpan<byte> Bytes(Range range) => bytes.AsSpan(range);

    public ReadOnlyMemory<byte> Memory(Range range) => bytes.AsMemory(range);

    public string Text(Range range) => Encoding.Latin1.GetString(bytes.AsSpan(range));
}
