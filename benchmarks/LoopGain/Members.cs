using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace RawSocketChat.LoopGain;

/// <summary>A server with so many loops, and bare sockets as its members.</summary>
internal sealed class Members : IAsyncDisposable
{
    public const int HashSize = 32;
    public const int BroadcastSize = 16 * 1024;

    /// <summary>A server's frame of up to 125 bytes, and of up to 65,535.</summary>
    public const int ShortHeaderSize = 2;
    public const int LongHeaderSize = 4;

    private static readonly byte[] Work = new byte[64 * 1024];

    private readonly List<Socket> _sockets = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _broadcasts;

    private Members(int loops) => Server = new(new()
    {
        Port = 0,
        Transport = TransportKind.Epoll,
        EpollLoops = loops,
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
        MaxPendingHandshakesPerAddress = int.MaxValue,
        MaxOutgoingBytes = 1024 * 1024,
    });

    public WebSocketServer Server { get; }

    /// <summary>How many broadcasts have been handed over to all members.</summary>
    public int Broadcasts => Volatile.Read(ref _broadcasts);

    public static async Task<Members> OpenAsync(int loops, int count)
    {
        var members = new Members(loops);
        await members.Server.StartAsync(members.HandleAsync);
        for (var i = 0; i < count; i++)
        {
            members.Connect();
        }

        return members;
    }

    public void Send(ReadOnlySpan<byte> payload)
    {
        var frame = Frame(payload);
        _sockets.ForEach(socket => socket.Send(frame));
    }

    public void SendFirst(ReadOnlySpan<byte> payload) => _sockets[0].Send(Frame(payload));

    public void Receive(int bytes)
    {
        foreach (var socket in _sockets)
        {
            for (var left = bytes; left > 0;)
            {
                var received = socket.Receive(_buffer.AsSpan(0, Math.Min(left, _buffer.Length)));
                left -= received > 0 ? received : throw new IOException("The server has ended a connection.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        await Server.DisposeAsync();
    }

    // A key of zeros changes nothing: what is measured is the server.
    private static byte[] Frame(ReadOnlySpan<byte> payload) => [0x82, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload];

    private async Task HandleAsync(WebSocketConnection connection, CancellationToken stopping)
    {
        await foreach (var message in connection.ReadAllAsync(stopping))
        {
            if (message.Span.SequenceEqual("broadcast"u8))
            {
                Server.Broadcast(PreparedMessage.FromBinary(Work.AsSpan(0, BroadcastSize)));
                Interlocked.Increment(ref _broadcasts);
            }
            else
            {
                await connection.SendAsync(SHA256.HashData(Work), WebSocketMessageType.Binary, stopping);
            }
        }
    }

    private void Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        socket.Connect(Server.LocalEndPoint);
        socket.Send(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        for (var end = 0; !_buffer.AsSpan(0, end).EndsWith("\r\n\r\n"u8);)
        {
            end += socket.Receive(_buffer.AsSpan(end));
        }
    }
}
