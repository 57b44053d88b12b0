using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// Parses the head of an HTTP/1.1 request (RFC 9112) as its bytes come. Every byte is copied and looked at once; what is held never
/// exceeds what has arrived, nor the limits by more than a growth step. Pure: what a bad peer sends is answered by a value.
/// </summary>
/// <param name="limits">The bounds.</param>
public sealed class RequestParser(HandshakeLimits limits)
{
    private const int SmallestHead = 512;

    private byte[] _head = [];
    private int _length;
    private int _lineStart;
    private int _targetStart;
    private int _targetLength;
    private List<FieldLine>? _fields;
    private bool _skippedEmptyLine;
    private HttpRequest? _request;
    private HttpRefusal? _refusal;

    /// <summary>The request, once the status is <see cref="RequestParseStatus.Done"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public HttpRequest Request => _request ?? throw new InvalidOperationException("There is no whole request.");

    /// <summary>The refusal, once the status is <see cref="RequestParseStatus.Refused"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public HttpRefusal Refusal => _refusal ?? throw new InvalidOperationException("The request is not refused.");

    /// <summary>Parses what has come. Takes every byte that belongs to the head, and none behind it.</summary>
    /// <param name="reader">The bytes; afterwards it stands behind what was taken: behind the head, its rest is the first frames.</param>
    /// <returns>What came of it; the answer stays the same once it is not <see cref="RequestParseStatus.NeedMoreData"/>.</returns>
    public RequestParseStatus Parse(ref SequenceReader<byte> reader)
    {
        while (_request is null && _refusal is null && !reader.End)
        {
            var unread = reader.UnreadSpan;
            var lineEnd = unread.IndexOf((byte)'\n');
            var piece = lineEnd < 0 ? unread : unread[..(lineEnd + 1)];

            // The limits hold before anything is copied: a line without an end costs no more than a line at the limit.
            if (_length - _lineStart + piece.Length > limits.MaxLineLength)
            {
                Refuse(_targetLength == 0 ? 414 : 431, "A line of the request is too long.");
            }
            else if (_length + piece.Length > limits.MaxTotalSize)
            {
                Refuse(431, "The request's head is too long.");
            }
            else
            {
                Append(piece);
                reader.Advance(piece.Length);
                if (lineEnd >= 0)
                {
                    TakeLine();
                }
            }
        }

        return _request is not null ? RequestParseStatus.Done
            : _refusal is not null ? RequestParseStatus.Refused
            : RequestParseStatus.NeedMoreData;
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (_length + piece.Length > _head.Length)
        {
            var wanted = Math.Max(_length + piece.Length, Math.Max(SmallestHead, 2 * _head.Length));
            Array.Resize(ref _head, Math.Min(wanted, limits.MaxTotalSize));
        }

        piece.CopyTo(_head.AsSpan(_length));
        _length += piece.Length;
    }

    private void TakeLine()
    {
        var start = _lineStart;
        var line = _head.AsSpan(start, _length - start - 1);
        _lineStart = _length;

        // RFC 9112 §2.2: a line ends with CRLF. A bare LF, and a CR anywhere else, have been used to smuggle requests past proxies.
        if (line.IsEmpty || line[^1] != '\r' || line[..^1].Contains((byte)'\r'))
        {
            Refuse(400, "A line does not end with CRLF.");
            return;
        }

        line = line[..^1];
        if (_targetLength == 0)
        {
            TakeRequestLine(start, line);
        }
        else if (line.IsEmpty)
        {
            Finish();
        }
        else
        {
            TakeFieldLine(start, line);
        }
    }

    // RFC 9112 §3: method SP request-target SP HTTP-version.
    private void TakeRequestLine(int start, ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty && !_skippedEmptyLine)
        {
            // RFC 9112 §2.2: at least one empty line before the request line is ignored; here exactly one.
            _skippedEmptyLine = true;
            (_length, _lineStart) = (0, 0);
            return;
        }

        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first < 0 || first == last || !HttpGrammar.IsToken(line[..first]))
        {
            Refuse(400, "The request line is malformed.");
            return;
        }

        var version = line[(last + 1)..];
        if (!version.SequenceEqual("HTTP/1.1"u8))
        {
            var wellFormed = version.Length == 8 && version.StartsWith("HTTP/"u8)
                && char.IsAsciiDigit((char)version[5]) && version[6] == '.' && char.IsAsciiDigit((char)version[7]);

            // RFC 6455 §4.2.1: "An HTTP/1.1 or higher GET request". Of 1.x, nothing but 1.1 exists that is higher than 1.0.
            Refuse(
                wellFormed ? 505 : 400,
                wellFormed ? "Only HTTP/1.1 is spoken here." : "The request line is malformed.");
            return;
        }

        var target = line[(first + 1)..last];
        if (!HttpGrammar.IsTarget(target) || !HttpRequest.HasSupportedForm(target))
        {
            Refuse(400, "The request target is malformed.");
            return;
        }

        // Everything is counted from the request line on: an ignored empty line has been taken out.
        _targetStart = start + first + 1;
        _targetLength = target.Length;
    }

    // RFC 9112 §5: field-name ":" OWS field-value OWS.
    private void TakeFieldLine(int start, ReadOnlySpan<byte> line)
    {
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            // RFC 9112 §5.2: a server may refuse obsolete line folding.
            Refuse(400, "A field line is folded.");
            return;
        }

        // RFC 9112 §5.1: white space between name and colon must be refused; it is no part of a token.
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpGrammar.IsToken(line[..colon]))
        {
            Refuse(400, "A field line is malformed.");
            return;
        }

        var value = line[(colon + 1)..];
        if (!HttpGrammar.IsFieldValue(value))
        {
            Refuse(400, "A field's value has characters that it must not have.");
            return;
        }

        _fields ??= new(16);
        if (_fields.Count == limits.MaxHeaderCount)
        {
            Refuse(431, "The request has too many field lines.");
            return;
        }

        var leading = value.Length - value.TrimStart(" \t"u8).Length;
        var trimmed = HttpGrammar.Trim(value);
        _fields.Add(new(
            (ushort)start, (ushort)colon, (ushort)(trimmed.IsEmpty ? start : start + colon + 1 + leading), (ushort)trimmed.Length));
    }

    private void Finish()
    {
        var head = _head.AsSpan(0, _length).ToArray();
        var request = new HttpRequest(head, (ushort)_targetStart, (ushort)_targetLength, _fields?.ToArray() ?? []);

        // RFC 9112 §3.2: exactly one Host, of the right shape, else 400.
        if (!request.TryGetSingleHeader("Host", out var host) || host is null || !HttpGrammar.IsAuthority(request.FirstValue("Host")))
        {
            Refuse(400, "There must be exactly one Host field.");
        }
        else if (request.Method == "GET" && HasBody(request))
        {
            // An upgrade is a GET and has no body; where a proxy thinks otherwise, what follows would be smuggled in. Other methods are
            // answered with 405, and what follows is never read as anything.
            Refuse(400, "The request must not have a body.");
        }
        else
        {
            _request = request;
            _head = [];
            _fields = null;
        }
    }

    private static bool HasBody(HttpRequest request) =>
        request.CountOf("Transfer-Encoding") > 0 || request.Header("Content-Length") is not (null or "0");

    private void Refuse(int status, string reason)
    {
        _refusal = new(status, reason);
        _head = [];
        _fields = null;
    }
}
