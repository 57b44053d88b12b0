using System.Buffers;
using System.Globalization;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>Writes a server's answers (RFC 9112 §4). Every answer but 101 says <c>Connection: close</c>: nothing is read behind it.</summary>
public static class ResponseWriter
{
    /// <summary>Writes a refusal with its reason as the body.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="refusal">The refusal.</param>
    public static void WriteRefusal(IBufferWriter<byte> output, HttpRefusal refusal) =>
        WriteResponse(output, HttpResponse.Text(refusal.StatusCode, refusal.Reason, refusal.Header is { } header ? [header] : []));

    /// <summary>Writes an answer.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="response">The answer.</param>
    /// <param name="headOnly">Whether the body is left out: RFC 9110 §9.3.2, the answer to HEAD has none.</param>
    public static void WriteResponse(IBufferWriter<byte> output, HttpResponse response, bool headOnly = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(response);
        var code = response.StatusCode.ToString(CultureInfo.InvariantCulture);
        Write(output, $"HTTP/1.1 {code} {ReasonPhrase(response.StatusCode)}\r\n");
        WriteField(output, "Content-Type", response.ContentType);
        WriteField(output, "Content-Length", response.Body.Length.ToString(CultureInfo.InvariantCulture));
        WriteField(output, "Connection", "close");

        // What was refused once may be accepted later, and a page's kind is said, not guessed.
        WriteField(output, "Cache-Control", "no-store");
        WriteField(output, "X-Content-Type-Options", "nosniff");
        foreach (var (name, value) in response.Headers)
        {
            WriteField(output, name, value);
        }

        Write(output, "\r\n");
        if (!headOnly)
        {
            output.Write(response.Body.Span);
        }
    }

    /// <summary>Writes the answer that opens the WebSocket connection (RFC 6455 §4.2.2).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="upgrade">An accepted upgrade.</param>
    /// <param name="headers">More fields.</param>
    /// <exception cref="ArgumentException">The upgrade is refused, or a field has characters that it must not have.</exception>
    public static void WriteSwitchingProtocols(
        IBufferWriter<byte> output, UpgradeResult upgrade, params IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (upgrade.Accept is not { } accept)
        {
            throw new ArgumentException("The upgrade is refused.", nameof(upgrade));
        }

        CheckHeaders(headers, nameof(headers));
        output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8);
        Write(output, accept);
        output.Write("\r\n"u8);
        if (upgrade.SubProtocol is { } subProtocol)
        {
            WriteField(output, "Sec-WebSocket-Protocol", subProtocol);
        }

        foreach (var (name, value) in headers)
        {
            WriteField(output, name, value);
        }

        output.Write("\r\n"u8);
    }

    internal static IReadOnlyList<KeyValuePair<string, string>> CheckHeaders(
        IReadOnlyList<KeyValuePair<string, string>> headers, string parameter)
    {
        ArgumentNullException.ThrowIfNull(headers, parameter);
        foreach (var (name, value) in headers)
        {
            if (!HttpGrammar.IsToken(name))
            {
                throw new ArgumentException($"\"{name}\" is not a field name.", parameter);
            }

            CheckValue(value, parameter);
        }

        return headers;
    }

    internal static string CheckValue(string value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        return HttpGrammar.IsFieldValue(Encoding.UTF8.GetBytes(value))
            ? value
            : throw new ArgumentException("A field's value must not have control characters, such as CR and LF.", parameter);
    }

    private static void WriteField(IBufferWriter<byte> output, string name, string value)
    {
        Write(output, name);
        output.Write(": "u8);
        Write(output, value);
        output.Write("\r\n"u8);
    }

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    // RFC 9110 §15. A client may ignore the phrase; a human reading a trace does not.
    private static string ReasonPhrase(int statusCode) => statusCode switch
    {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        414 => "URI Too Long",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Answer",
    };
}
