using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// Writes the request of an opening handshake: RFC 6455 §4.1, RFC 9112 §3. All that a caller passes is checked before the first byte is
/// written.
/// </summary>
public static class RequestWriter
{
    /// <summary>
    /// Writes the client's opening handshake. Nothing may be sent behind it before the answer is there (RFC 6455 §4.1).
    /// </summary>
    /// <param name="output">Receives the request.</param>
    /// <param name="host">
    /// The value of the Host field, ASCII: a name, an IPv4 address, or an IPv6 address in its brackets, and a port where it is not the scheme's.
    /// </param>
    /// <param name="resourceName">/resource name/ (RFC 6455 §3): a path that begins with '/', and a query where there is one, percent-encoded.</param>
    /// <param name="key">
    /// The Sec-WebSocket-Key: the base64 of 16 bytes, 24 characters. The bytes must be random, and others for each connection.
    /// </param>
    /// <param name="offer">What is asked for.</param>
    /// <exception cref="ArgumentException">The host, the resource name or the key is not of the form above.</exception>
    public static void WriteUpgrade(IBufferWriter<byte> output, string host, string resourceName, string key, UpgradeOffer offer)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(offer);
        ValidateHost(host);
        ValidateResourceName(resourceName);

        // RFC 6455 §4.1: "The value of this header field MUST be a nonce consisting of a randomly selected 16-byte value that has been
        // base64-encoded". That it is random is for the caller.
        AcceptKey.Encode(key, nameof(key));

        // RFC 6455 §4.1: "The method of the request MUST be GET, and the HTTP version MUST be at least 1.1."
        output.Write("GET "u8);
        Encoding.ASCII.GetBytes(resourceName, output);
        output.Write(" HTTP/1.1\r\n"u8);

        // RFC 6455 §4.1: "The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/
        // (when not using the default port)."
        HeaderWriter.Write(output, "Host", host);

        // RFC 6455 §4.1: "The request MUST contain an |Upgrade| header field whose value MUST include the "websocket" keyword."
        // RFC 6455 §4.1: "The request MUST contain a |Connection| header field whose value MUST include the "Upgrade" token."
        output.Write("Upgrade: websocket\r\nConnection: Upgrade\r\n"u8);

        // RFC 6455 §4.1: "The request MUST include a header field with the name |Sec-WebSocket-Key|."
        HeaderWriter.Write(output, "Sec-WebSocket-Key", key);

        // RFC 6455 §4.1: "The request MUST include a header field with the name |Sec-WebSocket-Version|. The value of this header field MUST be
        // 13."
        output.Write("Sec-WebSocket-Version: 13\r\n"u8);
        WriteOffer(output, offer);
        output.Write("\r\n"u8);
    }

    private static void ValidateHost(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!Ascii.IsValid(host) || !Authority.TryParse(Encoding.ASCII.GetBytes(host), out _))
        {
            throw new ArgumentException("A Host field is a host and an optional port (RFC 9110 §7.2).", nameof(host));
        }
    }

    // RFC 6455 §4.1: "The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3 (a relative URI)". The absolute
    // form that it also allows is not written.
    private static void ValidateResourceName(string resourceName)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        byte[] bytes = Encoding.UTF8.GetBytes(resourceName);
        if (bytes[0] != '/' || bytes.AsSpan().ContainsAnyExcept(HttpSyntax.TargetBytes) || RequestTarget.Parse(bytes, out _) is not null)
        {
            throw new ArgumentException("A resource name is a path from '/' and an optional query, percent-encoded.", nameof(resourceName));
        }
    }

    private static void WriteOffer(IBufferWriter<byte> output, UpgradeOffer offer)
    {
        // RFC 6455 §4.1: "If the connection is from a non-browser client, the request MAY include this header field"
        if (!string.IsNullOrEmpty(offer.Origin))
        {
            HeaderWriter.Write(output, "Origin", offer.Origin);
        }

        // RFC 6455 §4.1: "If present, this value indicates one or more comma-separated subprotocol the client wishes to speak, ordered by
        // preference."
        if (offer.SubProtocols.Count > 0)
        {
            HeaderWriter.Write(output, "Sec-WebSocket-Protocol", string.Join(", ", offer.SubProtocols));
        }

        // RFC 6455 §4.1: "If present, this value indicates the protocol-level extension(s) the client wishes to speak."
        if (offer.Deflate is { } deflate)
        {
            HeaderWriter.Write(output, "Sec-WebSocket-Extensions", DeflateNegotiator.Offer(deflate));
        }

        // RFC 6455 §4.1: "The request MAY include any other header fields, for example, cookies [RFC6265] and/or authentication-related header
        // fields"
        HeaderWriter.WriteAll(output, offer.Headers);
    }
}
