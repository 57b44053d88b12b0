using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawSocketChat.Client.Tests.Support;

/// <summary>The far end of one connection, byte by byte.</summary>
internal sealed class ScriptedPeer(Socket socket) : IAsyncDisposable
{
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>The bytes, for whoever carries them on.</summary>
    public Stream Stream => _stream;

    /// <summary>The answer that fits a request's key, with further lines.</summary>
    public static string Accept(string request, string lines = "") =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {AcceptKeyFor(request)}\r\n{lines}\r\n";

    public static string AcceptKeyFor(string request)
    {
#pragma warning disable CA5350 // What RFC 6455 §4.2.2 prescribes.
        var hash = SHA1.HashData(Encoding.ASCII.GetBytes(Field(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    /// <summary>The value of a request's field; null where there is none.</summary>
    public static string? Field(string head, string name) => head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    public async Task UseTlsAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(certificate);
    }

    /// <summary>Reads a head up to its empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(1))[0]);
        }

        return head.ToString();
    }

    public async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(params byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>Reads and answers the opening handshake.</summary>
    public async Task OpenAsync(string lines = "", Action<string>? read = null)
    {
        var request = await ReadHeadAsync();
        read?.Invoke(request);
        await SendAsync(Accept(request, lines));
    }

    /// <summary>Ends this direction; the client reads the end.</summary>
    public void End() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts the connection with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new(enable: true, seconds: 0);
        socket.Dispose();
    }

    public async Task ReadToEndAsync()
    {
        var buffer = new byte[4096];
        while (await _stream.ReadAsync(buffer) > 0)
        {
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
