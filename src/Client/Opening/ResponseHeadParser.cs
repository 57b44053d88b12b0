using System.Buffers;
using System.Text;

using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>
/// Reads the head of one answer as its bytes arrive, and not a byte behind it. Each limit acts on the first byte beyond it, and what cannot
/// become HTTP is noticed at the first byte that shows it.
/// </summary>
internal sealed class ResponseHeadParser(HandshakeLimits limits)
{
    private const string TokenChars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Token = SearchValues.Create(TokenChars);

    private readonly ArrayBufferWriter<byte> _head = new(256);
    private int _lineStart;
    private int _lines;

    private static ReadOnlySpan<byte> Start => "HTTP/1."u8;

    /// <summary>Takes what is there.</summary>
    /// <param name="reader">Stands behind the head where that is whole, else behind everything.</param>
    /// <returns>The head; null where more is needed.</returns>
    /// <exception cref="WebSocketHandshakeException">It is none, or too large.</exception>
    public ResponseHead? Parse(ref SequenceReader<byte> reader)
    {
        while (reader.TryRead(out var next))
        {
            Append(next);
            if (next == '\n' && EndLine())
            {
                return Split(Encoding.Latin1.GetString(_head.WrittenSpan));
            }
        }

        return null;
    }

    private void Append(byte next)
    {
        var at = _head.WrittenCount;
        if (at == limits.MaxTotalSize || at - _lineStart == limits.MaxLineLength)
        {
            throw TooLarge();
        }

        if (at < Start.Length && next != Start[at])
        {
            throw Malformed("it does not begin with HTTP/1");
        }

        _head.GetSpan(1)[0] = next;
        _head.Advance(1);
    }

    // RFC 9112 §2.2 lets a recipient take a bare LF for a line's end; two readings of where a line ends are better refused.
    private bool EndLine()
    {
        var line = _head.WrittenSpan[_lineStart..];
        if (line.Length < 2 || line[^2] != '\r')
        {
            throw Malformed("a line ends without CR");
        }

        if (line.Length == 2)
        {
            return true;
        }

        _lineStart = _head.WrittenCount;
        return ++_lines > limits.MaxHeaderCount + 1 ? throw TooLarge() : false;
    }

    private static ResponseHead Split(string head)
    {
        var lines = head.Split("\r\n");
        var fields = new KeyValuePair<string, string>[lines.Length - 3];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = Field(lines[i + 1]);
        }

        return new(Status(lines[0]), fields);
    }

    // RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
    private static int Status(string line)
    {
        var isStatusLine = line.Length >= 12
            && line[7] is '0' or '1'
            && line[8] == ' '
            && line[9] is >= '1' and <= '9'
            && char.IsAsciiDigit(line[10])
            && char.IsAsciiDigit(line[11])
            && (line.Length == 12 || line[12] == ' ')
            && !HasControl(line);
        if (!isStatusLine)
        {
            throw Malformed("it has no status line");
        }

        var status = int.Parse(line.AsSpan(9, 3), provider: null);

        // RFC 9110 §7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request": in 1.0 there is no 101. Proxies
        // answer a CONNECT in it.
        return status == 101 && line[7] == '0' ? throw Malformed("a 101 is not HTTP/1.0's") : status;
    }

    // RFC 9112 §5: field-name ":" OWS field-value OWS. A line that begins with white space is folded (§5.2), and not a name.
    private static KeyValuePair<string, string> Field(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !line.AsSpan(0, colon).ContainsAnyExcept(Token) && !HasControl(line)
            ? new(line[..colon], line[(colon + 1)..].Trim(' ', '\t'))
            : throw Malformed("a field is none");
    }

    private static bool HasControl(string line) => line.Any(character => character is (< ' ' and not '\t') or '\x7F');

    private static WebSocketHandshakeException Malformed(string why) =>
        new(WebSocketHandshakeFault.MalformedResponse, $"The answer is not HTTP/1.1: {why}.");

    private static WebSocketHandshakeException TooLarge() =>
        new(WebSocketHandshakeFault.HeadTooLarge, "The answer's head is larger than HandshakeLimits allow.");
}
