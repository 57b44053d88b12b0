using System.Buffers;

using RawSocketChat.Dialing;
using RawSocketChat.Handshake;

namespace RawSocketChat.Opening;

/// <summary>Reading an answer from a transport; what lies behind its head stays there.</summary>
internal static class ResponseReading
{
    // RFC 9110 §15.2 sets no bound on interim answers; a server that sends nothing else is to be left.
    private const int MostInterimResponses = 16;

    /// <summary>Reads the head of the final answer, or of a 101.</summary>
    /// <exception cref="WebSocketHandshakeException">There is none, or it is too large.</exception>
    public static async Task<HttpResponseHead> ReadHeadAsync(this Transport transport, HandshakeLimits limits, CancellationToken cancellationToken)
    {
        for (var i = 0; i <= MostInterimResponses; i++)
        {
            var head = await ReadOneAsync(transport, limits, cancellationToken).ConfigureAwait(false);

            // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response"
            if (!head.IsInterim)
            {
                return head;
            }
        }

        throw new WebSocketHandshakeException(WebSocketHandshakeFault.HeadTooLarge, "There were too many interim answers.");
    }

    /// <summary>The failure by an answer that says no, with the beginning of its content.</summary>
    public static async Task<WebSocketHandshakeException> RefusalAsync(
        this Transport transport, HttpResponseHead head, WebSocketHandshakeFault fault, string message, CancellationToken cancellationToken) =>
        new(fault, message)
        {
            StatusCode = head.StatusCode,
            Headers = [.. head.Headers],
            Body = await RefusalBody.ReadAsync(
                transport, head.StatusCode, Single(head, "Content-Length"), Single(head, "Transfer-Encoding"), cancellationToken).ConfigureAwait(false),
        };

    private static async Task<HttpResponseHead> ReadOneAsync(Transport transport, HandshakeLimits limits, CancellationToken cancellationToken)
    {
        var parser = new ResponseParser(limits);
        while (true)
        {
            var result = await transport.ReadOnceAsync(cancellationToken).ConfigureAwait(false);
            transport.Input.AdvanceTo(Parse(parser, result.Buffer, out var status));
            switch (status)
            {
                case ResponseParseStatus.Done:
                    return parser.Response;

                case ResponseParseStatus.Refused:
                    throw HandshakeFailures.OfHead(parser.Violation);
            }

            if (result.IsCompleted)
            {
                throw new WebSocketHandshakeException(
                    WebSocketHandshakeFault.ConnectionLost, "The connection ended before the answer was whole.");
            }
        }
    }

    private static SequencePosition Parse(ResponseParser parser, ReadOnlySequence<byte> buffer, out ResponseParseStatus status)
    {
        var reader = new SequenceReader<byte>(buffer);
        status = parser.Parse(ref reader);
        return reader.Position;
    }

    private static string? Single(HttpResponseHead head, string name) => head.TryGetSingleHeader(name, out var value) ? value : null;
}
