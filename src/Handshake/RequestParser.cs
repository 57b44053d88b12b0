using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// Reads one request head (RFC 9112 §2.2, §3, §5) as its bytes arrive. One for each connection, while its handshake
/// lasts; not for two threads at once.
/// </summary>
/// <remarks>
/// Each byte is looked at once and copied a fixed number of times, into memory that grows with what has come and never beyond
/// <see cref="HandshakeLimits.MaxTotalSize"/>, but for the moment at the end in which the head is put into its final form. However the input
/// is cut, the outcome is the same.
/// </remarks>
public sealed class RequestParser
{
    private RequestParseStatus _status;
    private State _state;
    private HeadMeter _meter;
    private HeadBuilder _head;
    private FieldLines _fields;
    private RequestTarget _target;
    private HttpRequest? _request;
    private HttpRefusal _refusal;

    /// <summary>Creates a parser for one request.</summary>
    /// <param name="limits">How much the peer may send.</param>
    public RequestParser(HandshakeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _meter = new HeadMeter(limits);
        _head = new HeadBuilder(limits);
    }

    // Each state names what is expected next.
    private enum State
    {
        RequestStart,
        EmptyLineLf,
        Method,
        Target,
        Version,
        Fields,
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
            int room = _meter.Room;
            if (room == 0)
            {
                RefuseLength();
                break;
            }

            ReadOnlySpan<byte> rest = bytes[consumed..];
            bool endsLine = _state == State.Fields ? _fields.IsBeforeLf : _state == State.EmptyLineLf;
            int taken = Step(rest[..Math.Min(rest.Length, room)]);
            consumed += taken;
            _meter.Count(taken, endsLine);
        }

        return consumed;
    }

    // RFC 9112 §3: 414 for a request line beyond what the server wishes to read. RFC 6585 §5: 431 for header fields.
    private void RefuseLength()
    {
        if (_state != State.Fields || _fields.IsInStartLine)
        {
            Refuse(new HttpRefusal(414, "The request line is too long."));
        }
        else if (_meter.IsHeadFull)
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
        State.EmptyLineLf => EndEmptyLine(bytes),
        State.Method => TakeMethod(bytes),
        State.Target => TakeTarget(bytes),
        State.Version => TakeVersion(bytes),
        _ => TakeFields(bytes),
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

    private int EndEmptyLine(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != '\n')
        {
            Refuse(FieldLines.CrAlone);
            return 0;
        }

        _state = State.Method;
        return 1;
    }

    // RFC 9112 §3.1: method = token, then a single SP.
    private int TakeMethod(ReadOnlySpan<byte> bytes)
    {
        int length = _head.AppendWhile(bytes, HttpSyntax.TokenBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ' ' || _head.Part.IsEmpty)
        {
            Refuse("The request line does not begin with a method and a space.");
            return length;
        }

        _head.EndPart();
        _state = State.Target;
        return length + 1;
    }

    // RFC 9112 §3.2: the request target, then a single SP.
    private int TakeTarget(ReadOnlySpan<byte> bytes)
    {
        int length = _head.AppendWhile(bytes, HttpSyntax.TargetBytes);
        if (length == bytes.Length)
        {
            return length;
        }

        if (bytes[length] != ' ' || _head.Part.IsEmpty)
        {
            Refuse("The request line is not a method, a target and a version with one space between.");
            return length;
        }

        if (RequestTarget.Parse(_head.Part, out _target) is { } reason)
        {
            Refuse(reason);
            return length;
        }

        _head.EndPart();
        _state = State.Version;
        return length + 1;
    }

    private int TakeVersion(ReadOnlySpan<byte> bytes)
    {
        int length = _head.AppendWhile(bytes, HttpSyntax.TargetBytes);
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

        // Every request that gets further has a version that means HTTP/1.1: there is nothing to remember.
        _head.DropPart();
        _state = State.Fields;
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

    private int TakeFields(ReadOnlySpan<byte> bytes)
    {
        int taken = _fields.Step(bytes, ref _head);
        switch (_fields.Status)
        {
            case FieldLinesStatus.Done:
                End(_head.BuildRequest(_target));
                break;

            case FieldLinesStatus.Malformed:
                Refuse(_fields.Fault!);
                break;

            case FieldLinesStatus.TooMany:
                Refuse(new HttpRefusal(431, "There are too many header fields."));
                break;
        }

        return taken;
    }

    private void End(HttpRequest request)
    {
        if (HeadRules.Check(request) is { } refusal)
        {
            Refuse(refusal);
            return;
        }

        _request = request;
        _status = RequestParseStatus.Done;
        _head = default;
    }

    private void Refuse(string reason) => Refuse(HttpRefusal.BadRequest(reason));

    private void Refuse(HttpRefusal refusal)
    {
        _refusal = refusal;
        _status = RequestParseStatus.Refused;
        _head = default;
    }
}
