using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawSocketChat.Conformance.Tests;

/// <summary>A client that does nothing by itself: it writes the bytes that a test wants written, and reads the frames that come.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _bound = new(Bound);
    private BufferedStream _stream = null!;

    public static async Task<RawClient> ConnectAsync(EndPoint server)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(server, client._bound.Token);
        client._stream = new(new NetworkStream(client._socket), 64 * 1024);
        await client.SendAsync(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        (await client.ReadHeadAsync()).Should().StartWith("HTTP/1.1 101 ").And.Contain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        return client;
    }

    /// <summary>Sends bytes, cut into pieces of that length, each a TCP segment of its own where the system allows.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, int piece = int.MaxValue)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var length = Math.Min(piece, bytes.Length - sent);
                for (var part = bytes.Slice(sent, length); !part.IsEmpty;)
                {
                    part = part[await _socket.SendAsync(part, SocketFlags.None, _bound.Token)..];
                }

                sent += length;
            }
        }
        catch (SocketException)
        {
            // The server has failed the connection in the middle of what was sent; what it answered before is still to be read.
        }
    }

    /// <summary>The next frame; null where TCP has ended in order. A reset is an exception.</summary>
    public async Task<RawFrame?> ReadFrameAsync()
    {
        var head = new byte[2];
        if (await _stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, _bound.Token) == 0)
        {
            return null;
        }

        (head[1] & 0x80).Should().Be(0, "a server's frame is not masked");
        long length = head[1] & 0x7F;
        if (length >= 126)
        {
            var extended = new byte[length == 126 ? 2 : 8];
            await _stream.ReadExactlyAsync(extended, _bound.Token);
            length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(extended) : BinaryPrimitives.ReadInt64BigEndian(extended);
            length.Should().BeGreaterThan(extended.Length == 2 ? 125 : 65535, "a length is written in its shortest form");
        }

        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload, _bound.Token);
        return new((head[0] & 0x80) != 0, (head[0] >> 4) & 7, head[0] & 0x0F, payload);
    }

    /// <summary>Expects the close frame with that status (0 for none in it), answers it, and expects the end of TCP without a reset.</summary>
    public async Task ExpectCloseAsync(int status)
    {
        var frame = await ReadFrameAsync();
        frame.Should().NotBeNull("the close frame comes before the end of TCP");
        frame!.Opcode.Should().Be(RawFrame.Close);
        (frame.Payload.Length == 0 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload)).Should().Be(status);
        await SendAsync(RawFrame.Build(RawFrame.Close, frame.Payload));
        (await ReadFrameAsync()).Should().BeNull("nothing follows a close frame");
    }

    /// <summary>The answer's head, up to and without the empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await _stream.ReadExactlyAsync(one, _bound.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
        _bound.Dispose();
    }
}
