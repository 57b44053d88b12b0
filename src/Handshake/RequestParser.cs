using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// Reads one request head (RFC 9112 §2.2, §3, §5) as its bytes arrive. One for each connection, while its handshake
/// lasts; not for two threads at once.
/// </summary>
/// <remarks>
/// Each byte is looked at once and copied at most once, into memory that grows with what has come and never beyond
/// <see cref="HandshakeLimits.MaxTotalSize"/>; it is let go at the end. However the input is cut, the outcome is the same.
/// </remarks>
public sealed class RequestParser
{
    private readonly HandshakeLimits _limits;
    private RequestParseStatus _status;
    private State _state;
    private HeadBuilder _head;
    private HttpRequest? _request;
    private HttpRefusal _refusal;

    // Bytes received: of the whole head, and of the line that is being read.
    private int _totalLength;
    private int _lineLength;

    /// <summary>Creates a parser for one request.</summary>
    /// <param name="limits">How much the peer may send.</param>
    public RequestParser(HandshakeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _head = new HeadBuilder(limits.MaxTotalSize, limits.MaxHeaderCount);
    }

    // Each state names what is expected next.
    private enum State
    {
        RequestStart,
        EmptyLineLf,
        Method,
        Target,
        Version,
        RequestLineLf,
        FieldStart,
        FieldName,
        FieldValueStart,
        FieldValue,
        FieldLf,
        HeadLf,
    }

    /// <summary>The request; valid after <see cref="RequestParseStatus.Done"/>.</summary>
    /// <exception cref="InvalidOperationException">The last status was another.</exception>
    public HttpRequest Request => _status == RequestParseStatus.Done
        ? _request!
        : throw new InvalidOperationException($"There is no request: the parser's status is {_status}.");

    /// <summary>Why the request is refused; valid after <see cref="RequestParseStatus.Refused"/>.</summary>
    /// <exception cref="InvalidOperationException">The last status was another.</exception>
    public HttpRefusal Refusal => _status == RequestParseStatus.Refused
        ? _refusal
        : throw new InvalidOperationException($"There is no refusal: the parser's status is {_status}.");

    /// <summary>Takes the next bytes of the head.</summary>
    /// <param name="reader">
    /// What has been received and not been given before. On <see cref="RequestParseStatus.NeedMoreData"/> it is consumed
    /// whole; on <see cref="RequestParseStatus.Done"/> it stands exactly behind the head's empty line, and what follows
    /// are the first frames; on <see cref="RequestParseStatus.Refused"/> it stands behind the last byte that was acceptable.
    /// </param>
    /// <returns>
    /// The status reached. Once it is not <see cref="RequestParseStatus.NeedMoreData"/> it stays, and nothing more is consumed.
    /// </returns>
    public RequestParseStatus Parse(ref SequenceReader<byte> reader)
    {
        while (_status == RequestParseStatus.NeedMoreData && !reader.End)
        {
            reader.Advance(Consume(reader.UnreadSpan));
        }

        return _status;
    }

    // Takes bytes up to the end of the span, of the head, or of what is allowed; answers how many.
    private int Consume(ReadOnlySpan<byte> bytes)
    {
        int consumed = 0;
        while (_status == RequestParseStatus.NeedMoreData && consumed < bytes.Length)
        {
            int room = Math.Min(_limits.MaxLineLength - _lineLength, _limits.MaxTotalSize - _totalLength);
            if (room == 0)
            {
                RefuseLength();
                break;
            }

            ReadOnlySpan<byte> rest = bytes[consumed..];
            bool endsLine = _state is State.EmptyLineLf or State.RequestLineLf or State.FieldLf;
            int taken = Step(rest[..Math.Min(rest.Length, room)]);
            consumed += taken;
            _totalLength += taken;
            _lineLength = endsLine ? 0 : _lineLength + taken;
        }

        return consumed;
    }

    // RFC 9112 §3: 414 for a request line beyond what the server wishes to read. RFC 6585 §5: 431 for header fields.
    private void RefuseLength()
    {
        if (_state < State.FieldStart)
        {
            Refuse(new HttpRefusal(414, "The request line is too long."));
        }
        else if (_totalLength == _limits.MaxTotalSize)
        {
            Refuse(new HttpRefusal(431, "The request head is too large."));
        }
        else
        {
            Refuse(new HttpRefusal(431, "A header line is too long."));
        }
    }

    // Takes at least one byte or refuses. All it takes is acceptable: a byte that is not stays unread.
    private int Step(ReadOnlySpan<byte> bytes) => _state switch
    {
        State.RequestStart => StartRequest(bytes),
        State.EmptyLineLf => TakeLf(bytes, State.Method),
        State.Method => TakeMethod(bytes),
        State.Target => TakeTarget(bytes),
        State.Version => TakeVersion(bytes),
        State.RequestLineLf => TakeLf(bytes, State.FieldStart),
        State.FieldStart => StartField(bytes),
        State.FieldName => TakeFieldName(bytes),
        State.FieldValueStart => SkipSpaceBeforeValue(bytes),
        State.FieldValue => TakeFieldValue(bytes),
        State.FieldLf => TakeLf(bytes, State.FieldStart),
        _ => TakeLastLf(bytes),
    };

    private int StartRequest(ReadOnlySpan<byte> bytes)
    {
        // RFC 9112 §2.2: at least one empty line before the request line is ignored. More than one is no client's slip.
        if (bytes[0] == '\r')
        {
            _state = State.EmptyLineLf;
            return 1;
        }

        _state = State.Method;
        return TakeMethod(bytes);
    }

    // RFC 9112 §3.1: method = token, then a single SP.
    private int TakeMethod(ReadOnlySpan<byte> bytes)
    {
        int length = TakeWhile(bytes, HttpSyntax.TokenBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ' ' || _head.Part.IsEmpty)
        {
            Refuse("The request line does not begin with a method and a space.");
            return length;
        }

        _head.EndMethod();
        _state = State.Target;
        return length + 1;
    }

    // RFC 9112 §3.2: the request target, then a single SP.
    private int TakeTarget(ReadOnlySpan<byte> bytes)
    {
        int length = TakeWhile(bytes, HttpSyntax.TargetBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ' ' || _head.Part.IsEmpty)
        {
            Refuse("The request line is not a method, a target and a version with one space between.");
            return length;
        }

        if (RequestTarget.Parse(_head.Part, out RequestTarget target) is { } reason)
        {
            Refuse(reason);
            return length;
        }

        _head.EndTarget(target);
        _state = State.Version;
        return length + 1;
    }

    private int TakeVersion(ReadOnlySpan<byte> bytes)
    {
        int length = TakeWhile(bytes, HttpSyntax.TargetBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != '\r')
        {
            Refuse("The request line does not end with a version and CRLF.");
            return length;
        }

        if (RefusalOfVersion(_head.Part.Span) is { } refusal)
        {
            Refuse(refusal);
            return length;
        }

        _head.DropVersion();
        _state = State.RequestLineLf;
        return length + 1;
    }

    private static HttpRefusal? RefusalOfVersion(ReadOnlySpan<byte> version)
    {
        // RFC 9112 §2.3: HTTP-version = "HTTP" "/" DIGIT "." DIGIT, in this case.
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || version[6] != '.'
            || !char.IsAsciiDigit((char)version[5]) || !char.IsAsciiDigit((char)version[7]))
        {
            return HttpRefusal.BadRequest("The request line does not end with an HTTP version.");
        }

        // RFC 9110 §15.6.6: 505 is for a major version that the server does not speak.
        if (version[5] != '1')
        {
            return new HttpRefusal(505, "Only HTTP/1.1 is spoken here.");
        }

        // RFC 6455 §4.2.1: "An HTTP/1.1 or higher GET request".
        return version[7] == '0' ? HttpRefusal.BadRequest("HTTP/1.0 is not enough: HTTP/1.1 is needed.") : null;
    }

    private int StartField(ReadOnlySpan<byte> bytes)
    {
        switch (bytes[0])
        {
            case (byte)'\r':
                _state = State.HeadLf;
                return 1;

            // RFC 9112 §5.2: obs-fold in a request is refused. RFC 9112 §2.2: so is white space before the first field.
            case (byte)' ' or (byte)'\t':
                Refuse("A header line begins with white space.");
                return 0;

            default:
                if (_head.FieldCount == _limits.MaxHeaderCount)
                {
                    Refuse(new HttpRefusal(431, "There are too many header fields."));
                    return 0;
                }

                _state = State.FieldName;
                return TakeFieldName(bytes);
        }
    }

    // RFC 9112 §5.1: field-name = token, then the colon with no white space before it.
    private int TakeFieldName(ReadOnlySpan<byte> bytes)
    {
        int length = TakeWhile(bytes, HttpSyntax.TokenBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ':' || _head.Part.IsEmpty)
        {
            Refuse("A header line does not begin with a name and a colon.");
            return length;
        }

        _head.EndName();
        _state = State.FieldValueStart;
        return length + 1;
    }

    private int SkipSpaceBeforeValue(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (length < 0)
        {
            return bytes.Length;
        }

        _state = State.FieldValue;
        return length + TakeFieldValue(bytes[length..]);
    }

    // RFC 9112 §5.5: field-value, of field-vchar, SP and HTAB; NUL, bare CR and bare LF are never let through.
    private int TakeFieldValue(ReadOnlySpan<byte> bytes)
    {
        int length = TakeWhile(bytes, HttpSyntax.FieldValueBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != '\r')
        {
            Refuse("A header value holds a control character, or its line does not end with CRLF.");
            return length;
        }

        _head.EndValue();
        _state = State.FieldLf;
        return length + 1;
    }

    private int TakeLf(ReadOnlySpan<byte> bytes, State next)
    {
        // RFC 9112 §2.2: a bare CR is invalid, and reading it as a line end is how requests are smuggled.
        if (bytes[0] != '\n')
        {
            Refuse("A CR is not followed by LF.");
            return 0;
        }

        _state = next;
        return 1;
    }

    private int TakeLastLf(ReadOnlySpan<byte> bytes)
    {
        int taken = TakeLf(bytes, State.HeadLf);
        if (taken == 0)
        {
            return 0;
        }

        HttpRequest request = _head.Build();
        if (HeadRules.Check(request) is { } refusal)
        {
            Refuse(refusal);
        }
        else
        {
            _request = request;
            _status = RequestParseStatus.Done;
            _head = default;
        }

        return taken;
    }

    private int TakeWhile(ReadOnlySpan<byte> bytes, SearchValues<byte> accepted)
    {
        int end = bytes.IndexOfAnyExcept(accepted);
        int length = end < 0 ? bytes.Length : end;
        _head.Append(bytes[..length]);
        return length;
    }

    private void Refuse(string reason) => Refuse(HttpRefusal.BadRequest(reason));

    private void Refuse(HttpRefusal refusal)
    {
        _refusal = refusal;
        _status = RequestParseStatus.Refused;
        _head = default;
    }
}
