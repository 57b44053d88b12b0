using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>An answer to a plain HTTP request, or a refusal of an upgrade. The connection closes behind it.</summary>
public sealed class HttpResponse
{
    /// <summary>The status code, 200 to 599. Default 200.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of bounds: nothing follows an interim answer here.</exception>
    public int StatusCode
    {
        get;
        init => field = value is >= 200 and <= 599
            ? value
            : throw new ArgumentOutOfRangeException(nameof(StatusCode), value, "StatusCode must be from 200 to 599.");
    }
    = 200;

    /// <summary>The body's media type. Default: plain text in UTF-8.</summary>
    /// <exception cref="ArgumentException">It has characters that a field's value must not have.</exception>
    public string ContentType
    {
        get;
        init => field = ResponseWriter.CheckValue(value, nameof(ContentType));
    }
    = "text/plain; charset=utf-8";

    /// <summary>The body; may be empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>More fields. <c>Connection</c>, <c>Content-Length</c> and <c>Content-Type</c> are written anyway.</summary>
    /// <exception cref="ArgumentException">A name is not a token, or a value has characters that it must not have, such as CR and LF.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Headers
    {
        get;
        init => field = ResponseWriter.CheckHeaders(value, nameof(Headers));
    }
    = [];

    /// <summary>An answer with one line of text.</summary>
    /// <param name="statusCode">The status code, 200 to 599.</param>
    /// <param name="line">The text; a line feed is added.</param>
    /// <param name="headers">More fields.</param>
    /// <returns>The answer.</returns>
    public static HttpResponse Text(int statusCode, string line, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new() { StatusCode = statusCode, Body = Encoding.UTF8.GetBytes(line + "\n"), Headers = headers };

    /// <summary>An answer with a page.</summary>
    /// <param name="utf8">The page in UTF-8. Not copied.</param>
    /// <param name="headers">More fields.</param>
    /// <returns>The answer, status 200.</returns>
    public static HttpResponse Html(ReadOnlyMemory<byte> utf8, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new() { ContentType = "text/html; charset=utf-8", Body = utf8, Headers = headers };
}
