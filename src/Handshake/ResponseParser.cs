using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// Reads one response head (RFC 9112 §2.2, §4, §5) as its bytes arrive: the answer to an opening handshake, or to a CONNECT. One for each
/// head; not for two threads at once.
/// </summary>
/// <remarks>
/// Each byte is looked at once and copied a fixed number of times, into memory that grows with what has come and never beyond
/// <see cref="HandshakeLimits.MaxTotalSize"/>, but for the moment at the end in which the head is put into its final form. However the input
/// is cut, the outcome is the same, and what cannot become HTTP/1.1 is refused at the first byte that shows it.
/// </remarks>
public sealed class ResponseParser
{
    // "HTTP/1.1 101": a version, SP, three digits.
    private const int VersionLength = 8;
    private const int StatusEnd = 12;

    private ResponseParseStatus _status;
    private State _state;
    private HeadMeter _meter;
    private HeadBuilder _head;
    private FieldLines _fields;
    private int _position;
    private bool _isOld;
    private int _statusCode;
    private HttpResponseHead? _response;
    private HandshakeViolation _violation;

    /// <summary>Creates a parser for one response head.</summary>
    /// <param name="limits">How much the peer may send.</param>
    public ResponseParser(HandshakeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _meter = new HeadMeter(limits);
        _head = new HeadBuilder(limits);
    }

    // Each state names what is expected next.
    private enum State
    {
        VersionAndStatus,
        StatusEnd,
        Reason,
        Fields,
    }

    /// <summary>The response; valid after <see cref="ResponseParseStatus.Done"/>.</summary>
    /// <exception cref="InvalidOperationException">The last status was another.</exception>
    public HttpResponseHead Response => _status == ResponseParseStatus.Done
        ? _response!
        : throw new InvalidOperationException($"There is no response: the parser's status is {_status}.");

    /// <summary>
    /// Why the response is refused, by <see cref="HandshakeRule.HeadSize"/> or <see cref="HandshakeRule.HeadSyntax"/>; valid after
    /// <see cref="ResponseParseStatus.Refused"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The last status was another.</exception>
    public HandshakeViolation Violation => _status == ResponseParseStatus.Refused
        ? _violation
        : throw new InvalidOperationException($"There is no violation: the parser's status is {_status}.");

    /// <summary>Takes the next bytes of the head.</summary>
    /// <param name="reader">
    /// What has been received and not been given before. On <see cref="ResponseParseStatus.NeedMoreData"/> it is consumed whole; on
    /// <see cref="ResponseParseStatus.Done"/> it stands exactly behind the head's empty line, and what follows are the first frames, content,
    /// or another head; on <see cref="ResponseParseStatus.Refused"/> it stands behind the last byte that was acceptable.
    /// </param>
    /// <returns>
    /// The status reached. Once it is not <see cref="ResponseParseStatus.NeedMoreData"/> it stays, and nothing more is consumed.
    /// </returns>
    public ResponseParseStatus Parse(ref SequenceReader<byte> reader)
    {
        while (_status == ResponseParseStatus.NeedMoreData && !reader.End)
        {
            ReadOnlySpan<byte> bytes = reader.UnreadSpan;
            int room = _meter.Room;
            if (room == 0)
            {
                RefuseLength();
                break;
            }

            bool endsLine = _state == State.Fields && _fields.IsBeforeLf;
            int taken = Step(bytes[..Math.Min(bytes.Length, room)]);
            reader.Advance(taken);
            _meter.Count(taken, endsLine);
        }

        return _status;
    }

    private void RefuseLength() =>
        Refuse(HandshakeRule.HeadSize, _meter.IsHeadFull ? "The response head is too large." : "A line of the response head is too long.");

    // Takes at least one byte or refuses. All it takes is acceptable: a byte that is not stays unread.
    private int Step(ReadOnlySpan<byte> bytes) => _state switch
    {
        State.VersionAndStatus => TakeVersionAndStatus(bytes),
        State.StatusEnd => TakeStatusEnd(bytes),
        State.Reason => TakeReason(bytes),
        _ => TakeFields(bytes),
    };

    // RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
    private int TakeVersionAndStatus(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (length < bytes.Length && _position < StatusEnd)
        {
            byte next = bytes[length];
            if (!IsExpected(next))
            {
                Refuse(_position < VersionLength
                    ? "The response does not begin with HTTP/1.1."
                    : "The status line is not a version, a status of three digits and a phrase with one space between.");
                return length;
            }

            Keep(next);
            _position++;
            length++;
        }

        _state = _position == StatusEnd ? State.StatusEnd : State.VersionAndStatus;
        return length;
    }

    // RFC 9112 §2.3: HTTP-version is case-sensitive. HTTP/1.0 is read because servers, and proxies that are asked to CONNECT, refuse in it.
    private bool IsExpected(byte next) => _position switch
    {
        < VersionLength - 1 => next == "HTTP/1."u8[_position],
        VersionLength - 1 => next is (byte)'0' or (byte)'1',
        VersionLength => next == ' ',
        VersionLength + 1 => next is >= (byte)'1' and <= (byte)'9',
        _ => char.IsAsciiDigit((char)next),
    };

    private void Keep(byte next)
    {
        if (_position == VersionLength - 1)
        {
            _isOld = next == '0';
        }
        else if (_position > VersionLength)
        {
            _statusCode = (10 * _statusCode) + (next - '0');
        }
    }

    private int TakeStatusEnd(ReadOnlySpan<byte> bytes)
    {
        // RFC 9112 §4 wants the SP even where no phrase follows it; servers that leave out both are common, and nothing else can be meant.
        if (bytes[0] is not ((byte)' ' or (byte)'\r'))
        {
            Refuse("The status has more than three digits, or no space behind it.");
            return 0;
        }

        // RFC 9110 §7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request": in 1.0 there is no 101.
        if (_statusCode == 101 && _isOld)
        {
            Refuse("A 101 is not HTTP/1.0's.");
            return 0;
        }

        _state = bytes[0] == ' ' ? State.Reason : State.Fields;
        return 1;
    }

    // RFC 9112 §4: reason-phrase = 1*( HTAB / SP / VCHAR / obs-text ). "A client SHOULD ignore the reason-phrase content".
    private int TakeReason(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.IndexOfAnyExcept(HttpSyntax.FieldValueBytes);
        if (length < 0)
        {
            return bytes.Length;
        }

        if (bytes[length] != '\r')
        {
            Refuse("The status line holds a control character, or does not end with CRLF.");
            return length;
        }

        _state = State.Fields;
        return length + 1;
    }

    private int TakeFields(ReadOnlySpan<byte> bytes)
    {
        int taken = _fields.Step(bytes, ref _head);
        switch (_fields.Status)
        {
            case FieldLinesStatus.Done:
                _response = new HttpResponseHead(_statusCode, _head.BuildFields());
                _status = ResponseParseStatus.Done;
                _head = default;
                break;

            case FieldLinesStatus.Malformed:
                Refuse(_fields.Fault!);
                break;

            case FieldLinesStatus.TooMany:
                Refuse(HandshakeRule.HeadSize, "There are too many header fields.");
                break;
        }

        return taken;
    }

    private void Refuse(string reason) => Refuse(HandshakeRule.HeadSyntax, reason);

    private void Refuse(HandshakeRule rule, string reason)
    {
        _violation = new HandshakeViolation(rule, reason);
        _status = ResponseParseStatus.Refused;
        _head = default;
    }
}
