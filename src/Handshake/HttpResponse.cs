using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>A whole response to a plain HTTP request (RFC 9110 §15). The connection ends behind it. Immutable.</summary>
public sealed class HttpResponse
{
    /// <summary>The status: 200 to 599; 200 unless set. A 204 or a 304 is sent without content, whatever <see cref="Body"/> is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int StatusCode
    {
        get;
        init => field = value is >= 200 and <= 599
            ? value
            : throw new ArgumentOutOfRangeException(nameof(StatusCode), value, "StatusCode must be from 200 to 599.");
    } = 200;

    /// <summary>The media type of the body; "text/plain; charset=utf-8" unless set.</summary>
    /// <exception cref="ArgumentException">The value is empty or not printable ASCII.</exception>
    public string ContentType
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            field = HttpSyntax.IsSendableFieldValue(value)
                ? value
                : throw new ArgumentException("ContentType must be printable ASCII, without CR or LF.", nameof(ContentType));
        }
    } = "text/plain; charset=utf-8";

    /// <summary>The body; empty unless set. The memory is not copied: it must not change while the response is in use.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Further header fields, written in this order; none unless set. The list is copied.</summary>
    /// <exception cref="ArgumentException">
    /// A name is not a token or one that the library writes itself (Connection, Content-Length, Content-Type,
    /// Transfer-Encoding, Upgrade, Sec-WebSocket-Accept, -Extensions, -Protocol), or a value is not printable ASCII.
    /// </exception>
    public IReadOnlyList<KeyValuePair<string, string>> Headers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            KeyValuePair<string, string>[] copy = [.. value];
            AddedHeaders.ValidateInResponse(copy, nameof(Headers));
            field = copy;
        }
    } = [];

    /// <summary>A response of plain text in UTF-8.</summary>
    /// <param name="statusCode">The status: 200 to 599.</param>
    /// <param name="text">The body.</param>
    /// <param name="headers">Further header fields: see <see cref="Headers"/>.</param>
    public static HttpResponse Text(int statusCode, string text, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new() { StatusCode = statusCode, Body = Encoding.UTF8.GetBytes(text), Headers = headers };

    /// <summary>A page, status 200.</summary>
    /// <param name="utf8">The page in UTF-8, sent as it is: what it quotes must be encoded by the caller. The memory is not copied.</param>
    /// <param name="headers">Further header fields: see <see cref="Headers"/>.</param>
    public static HttpResponse Html(ReadOnlyMemory<byte> utf8, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new() { ContentType = "text/html; charset=utf-8", Body = utf8, Headers = headers };
}
