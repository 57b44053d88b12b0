using System.Text;

namespace RawSocketChat.Load.Generator;

/// <summary>The opening handshake from the client's side, always with the same key: what is measured is the server.</summary>
internal static class Upgrade
{
    // The key and the answer that RFC 6455 §1.3 gives as its example.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static ReadOnlySpan<byte> Accept => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8;

    /// <summary>The request for a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="terms">What is offered about compression; null for nothing.</param>
    public static byte[] Request(string path, DeflateTerms? terms = null) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n{(terms is null ? null : $"Sec-WebSocket-Extensions: {terms.Offer}\r\n")}\r\n");

    /// <summary>How long the answer is; 0 where it is not whole yet.</summary>
    /// <exception cref="InvalidDataException">It is not the answer of a WebSocket server that accepts.</exception>
    public static int AnswerSize(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        if (!bytes.StartsWith("HTTP/1.1 101 "u8) || bytes[..end].IndexOf(Accept) < 0)
        {
            throw new InvalidDataException($"The server did not accept the upgrade: {Encoding.ASCII.GetString(bytes[..end])}");
        }

        return end + 4;
    }

    /// <summary>Opens a connection and waits until it is upgraded.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="request">What to send.</param>
    /// <param name="terms">What the server is to agree on about compression; null where that is not looked at.</param>
    public static ClientSocket Open(int port, ReadOnlySpan<byte> request, DeflateTerms? terms = null)
    {
        var socket = new ClientSocket(port);
        try
        {
            socket.Send(request);
            Span<byte> buffer = stackalloc byte[4096];
            var filled = 0;
            while (AnswerSize(buffer[..filled]) == 0)
            {
                var received = socket.Receive(buffer[filled..], wait: true);
                filled += received > 0 ? received : throw new InvalidDataException("The server has ended the connection instead of upgrading it.");
            }

            terms?.Check(buffer[..filled]);
            return AnswerSize(buffer[..filled]) == filled
                ? socket
                : throw new InvalidDataException("The server has sent a message that nobody asked for.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
