using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// Writes the three kinds of response of an opening handshake's server: RFC 6455 §4.2.2, RFC 9112 §4. All that a caller
/// passes is checked before the first byte is written.
/// </summary>
public static class ResponseWriter
{
    /// <summary>Writes the refusal of a request. The connection must be closed behind it.</summary>
    /// <param name="output">Receives the response.</param>
    /// <param name="refusal">Status, reason and extra header field.</param>
    /// <param name="headOnly">Whether the body is left out because the request was a HEAD (RFC 9110 §9.3.2).</param>
    /// <exception cref="ArgumentException">
    /// The status is not from 300 to 599, the reason is null, or the extra header field is one that
    /// <see cref="HttpResponse.Headers"/> would not take.
    /// </exception>
    public static void WriteRefusal(IBufferWriter<byte> output, HttpRefusal refusal, bool headOnly = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        Validate(refusal);
        WriteStatusLine(output, refusal.StatusCode);
        output.Write("Content-Type: text/plain; charset=utf-8\r\nContent-Length: "u8);
        WriteNumber(output, Encoding.UTF8.GetByteCount(refusal.Reason) + 1);

        // RFC 9110 §15.5.22: a 426 has an Upgrade field. RFC 9110 §7.8: which Connection then lists. Still the connection
        // closes: a proxy that took the request for an upgrade must not be left with a tunnel.
        output.Write(refusal.StatusCode == 426 ? "\r\nConnection: close, Upgrade\r\nUpgrade: websocket"u8 : "\r\nConnection: close"u8);
        output.Write("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"u8);
        if (refusal.HeaderName is { } name)
        {
            HeaderWriter.Write(output, name, refusal.HeaderValue!);
        }

        output.Write("\r\n"u8);
        if (!headOnly)
        {
            Encoding.UTF8.GetBytes(refusal.Reason, output);
            output.Write("\n"u8);
        }
    }

    /// <summary>Writes the response to a plain HTTP request. The connection must be closed behind it.</summary>
    /// <param name="output">Receives the response.</param>
    /// <param name="response">The response.</param>
    /// <param name="headOnly">Whether the body is left out because the request was a HEAD (RFC 9110 §9.3.2).</param>
    public static void WriteResponse(IBufferWriter<byte> output, HttpResponse response, bool headOnly = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(response);

        // RFC 9110 §15.3.5, §15.4.5: neither has content. RFC 9110 §8.6: so a 204 has no length, and a 304 need not have one.
        bool hasContent = response.StatusCode is not (204 or 304);
        WriteStatusLine(output, response.StatusCode);
        if (hasContent)
        {
            HeaderWriter.Write(output, "Content-Type", response.ContentType);
            output.Write("Content-Length: "u8);
            WriteNumber(output, response.Body.Length);
            output.Write("\r\n"u8);
        }

        output.Write("Connection: close\r\n"u8);
        HeaderWriter.WriteAll(output, response.Headers);
        output.Write("\r\n"u8);
        if (hasContent && !headOnly)
        {
            output.Write(response.Body.Span);
        }
    }

    /// <summary>Writes the server's opening handshake (RFC 6455 §4.2.2 item 5). Frames follow it.</summary>
    /// <param name="output">Receives the response.</param>
    /// <param name="accept">The <see cref="UpgradeAcceptance.Accept"/> value: 28 characters.</param>
    /// <param name="subProtocol">The subprotocol chosen, one that the client has offered; null for none.</param>
    /// <param name="extensions">The Sec-WebSocket-Extensions value, of extensions that the client has offered; null for none.</param>
    /// <param name="headers">Further header fields, such as Set-Cookie, in this order; null for none.</param>
    /// <exception cref="ArgumentException">
    /// The accept value has another length, the subprotocol is not a token, the extensions are not printable ASCII, or a
    /// header field is one that <see cref="HttpResponse.Headers"/> would not take.
    /// </exception>
    public static void WriteSwitchingProtocols(
        IBufferWriter<byte> output,
        string accept,
        string? subProtocol = null,
        string? extensions = null,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        Validate(accept, subProtocol, extensions);
        AddedHeaders.ValidateInResponse(headers ?? [], nameof(headers));

        // RFC 6455 §4.2.2: "Such a response could look like "HTTP/1.1 101 Switching Protocols"."
        output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"u8);
        HeaderWriter.Write(output, "Sec-WebSocket-Accept", accept);
        if (subProtocol is not null)
        {
            HeaderWriter.Write(output, "Sec-WebSocket-Protocol", subProtocol);
        }

        if (extensions is not null)
        {
            HeaderWriter.Write(output, "Sec-WebSocket-Extensions", extensions);
        }

        HeaderWriter.WriteAll(output, headers ?? []);
        output.Write("\r\n"u8);
    }

    private static void Validate(HttpRefusal refusal)
    {
        if (refusal.StatusCode is < 300 or > 599)
        {
            throw new ArgumentOutOfRangeException(nameof(refusal), refusal.StatusCode, "A refusal's StatusCode must be from 300 to 599.");
        }

        ArgumentNullException.ThrowIfNull(refusal.Reason, nameof(refusal));
        if (refusal.HeaderName is not null || refusal.HeaderValue is not null)
        {
            AddedHeaders.ValidateInResponse(refusal.HeaderName, refusal.HeaderValue, nameof(refusal));
        }
    }

    private static void Validate(string accept, string? subProtocol, string? extensions)
    {
        if (accept is not { Length: AcceptKey.AcceptLength } || !HttpSyntax.IsSendableFieldValue(accept))
        {
            throw new ArgumentException($"An accept value is {AcceptKey.AcceptLength} characters of ASCII.", nameof(accept));
        }

        // RFC 6455 §4.2.2: "The empty string is not the same as the null value for these purposes and is not a legal value
        // for this field." It says so of both fields, the second time without the last words.
        if (subProtocol is not null && !HttpSyntax.IsToken(subProtocol))
        {
            throw new ArgumentException("A subprotocol is a token (RFC 9110 §5.6.2).", nameof(subProtocol));
        }

        if (extensions is not null && (extensions.Length == 0 || !HttpSyntax.IsSendableFieldValue(extensions)))
        {
            throw new ArgumentException("The extensions must be printable ASCII, without CR or LF, and not empty.", nameof(extensions));
        }
    }

    private static void WriteStatusLine(IBufferWriter<byte> output, int statusCode)
    {
        output.Write("HTTP/1.1 "u8);
        WriteNumber(output, statusCode);
        output.Write(" "u8);
        output.Write(ReasonPhrases.Of(statusCode));
        output.Write("\r\n"u8);
    }

    private static void WriteNumber(IBufferWriter<byte> output, int number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(11), out int written);
        output.Advance(written);
    }
}
