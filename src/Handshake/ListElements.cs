namespace RawSocketChat.Handshake;

/// <summary>
/// Walks the elements of a comma-separated list over all fields of a name (RFC 9110 §5.3, §5.6.1), each trimmed of its
/// white space. Empty elements are shown too: whether they are tolerated is the list's own rule.
/// </summary>
/// <remarks>
/// It knows nothing of quotes, and need not: in the one list here that allows them, Sec-WebSocket-Extensions, what is
/// quoted must be a token, which holds no comma.
/// </remarks>
internal ref struct ListElements(HeaderFields fields, string headerName)
{
    private CompactFields _fields = fields.Walk();
    private int _next = 1;
    private int _end;

    // An offset range of the head's bytes.
    public Range Current { get; private set; }

    public readonly ListElements GetEnumerator() => this;

    public bool MoveNext()
    {
        // A list's end is passed, not reached: behind the last comma one more element is due, if an empty one.
        if (_next > _end && !MoveToNextField())
        {
            return false;
        }

        ReadOnlySpan<byte> rest = fields.Bytes(_next.._end);
        int comma = rest.IndexOf((byte)',');
        ReadOnlySpan<byte> element = comma < 0 ? rest : rest[..comma];
        int start = _next + element.Length - element.TrimStart(" \t"u8).Length;
        Current = start..(start + HttpSyntax.TrimOws(element).Length);
        _next += element.Length + 1;
        return true;
    }

    private bool MoveToNextField()
    {
        // Behind the last one it stays, however often it is asked.
        if (!_fields.MoveTo(headerName))
        {
            return false;
        }

        _next = _fields.Value.Start.Value;
        _end = _fields.Value.End.Value;
        return true;
    }
}
