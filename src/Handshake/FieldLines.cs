namespace RawSocketChat.Handshake;

/// <summary>
/// Reads what is the same in a request's head and in a response's: from the LF of the start line, over the field lines, up to and with the
/// empty line (RFC 9112 §2.1, §5).
/// </summary>
internal struct FieldLines
{
    public const string CrAlone = "A CR is not followed by LF.";

    private State _state;

    // Each state names what is expected next.
    private enum State
    {
        StartLineLf,
        FieldStart,
        FieldName,
        FieldValueStart,
        FieldValue,
        FieldLf,
        HeadLf,
    }

    public FieldLinesStatus Status { get; private set; }

    // Valid where the status is Malformed.
    public string? Fault { get; private set; }

    public readonly bool IsInStartLine => _state == State.StartLineLf;

    // Whether the next byte, where it is acceptable, ends a line.
    public readonly bool IsBeforeLf => _state is State.StartLineLf or State.FieldLf;

    // Takes at least one byte or refuses. All it takes is acceptable: a byte that is not stays unread.
    public int Step(ReadOnlySpan<byte> bytes, ref HeadBuilder head) => _state switch
    {
        State.StartLineLf or State.FieldLf => TakeLf(bytes, State.FieldStart),
        State.FieldStart => StartField(bytes, ref head),
        State.FieldName => TakeName(bytes, ref head),
        State.FieldValueStart => SkipSpaceBeforeValue(bytes, ref head),
        State.FieldValue => TakeValue(bytes, ref head),
        _ => TakeLastLf(bytes),
    };

    private int StartField(ReadOnlySpan<byte> bytes, ref HeadBuilder head)
    {
        switch (bytes[0])
        {
            case (byte)'\r':
                _state = State.HeadLf;
                return 1;

            // RFC 9112 §5.2: obs-fold in a request is refused, and in a response it may be: two readings of where a field
            // ends are better refused. RFC 9112 §2.2: so is white space before the first field.
            case (byte)' ' or (byte)'\t':
                return Refuse("A header line begins with white space.", 0);

            default:
                if (head.HasAllFields)
                {
                    Status = FieldLinesStatus.TooMany;
                    return 0;
                }

                _state = State.FieldName;
                return TakeName(bytes, ref head);
        }
    }

    // RFC 9112 §5.1: field-name = token, then the colon with no white space before it.
    private int TakeName(ReadOnlySpan<byte> bytes, ref HeadBuilder head)
    {
        int length = head.AppendWhile(bytes, HttpSyntax.TokenBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ':' || head.Part.IsEmpty)
        {
            return Refuse("A header line does not begin with a name and a colon.", length);
        }

        head.EndName();
        _state = State.FieldValueStart;
        return length + 1;
    }

    private int SkipSpaceBeforeValue(ReadOnlySpan<byte> bytes, ref HeadBuilder head)
    {
        int length = bytes.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (length < 0)
        {
            return bytes.Length;
        }

        _state = State.FieldValue;
        return length + TakeValue(bytes[length..], ref head);
    }

    // RFC 9112 §5.5: field-value, of field-vchar, SP and HTAB; NUL, bare CR and bare LF are never let through.
    private int TakeValue(ReadOnlySpan<byte> bytes, ref HeadBuilder head)
    {
        int length = head.AppendWhile(bytes, HttpSyntax.FieldValueBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != '\r')
        {
            return Refuse("A header value holds a control character, or its line does not end with CRLF.", length);
        }

        head.EndValue();
        _state = State.FieldLf;
        return length + 1;
    }

    private int TakeLastLf(ReadOnlySpan<byte> bytes)
    {
        int taken = TakeLf(bytes, State.HeadLf);
        if (taken > 0)
        {
            Status = FieldLinesStatus.Done;
        }

        return taken;
    }

    // RFC 9112 §2.2: a bare CR is invalid, and reading it as a line end is how requests are smuggled.
    private int TakeLf(ReadOnlySpan<byte> bytes, State next)
    {
        if (bytes[0] != '\n')
        {
            return Refuse(CrAlone, 0);
        }

        _state = next;
        return 1;
    }

    private int Refuse(string fault, int taken)
    {
        Fault = fault;
        Status = FieldLinesStatus.Malformed;
        return taken;
    }
}
