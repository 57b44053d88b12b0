using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Server.Tests.Support;

/// <summary>A client that sends whatever bytes it is told to and reads frames without judging them.</summary>
internal sealed class RawClient : IDisposable
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private readonly Socket _socket;
    private Stream _stream;
    private byte[] _buffer = new byte[512];
    private int _start;
    private int _end;

    private RawClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public Socket Socket => _socket;

    public static async Task<RawClient> ConnectAsync(IPEndPoint server, int? receiveBuffer = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        try
        {
            await socket.ConnectAsync(server).Soon();
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static async Task<RawClient> OpenAsync(IPEndPoint server, int? receiveBuffer = null, string headers = "")
    {
        var client = await ConnectAsync(server, receiveBuffer);
        try
        {
            await client.SendAsync(Request(headers));
            (await client.ReadAnswerAsync()).Status.Should().Be(101);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public static string Request(string headers = "", string target = "/") =>
        $"GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n";

    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        const uint MaskKey = 0x12345678;
        var header = new FrameHeader(isFinal, opcode, IsMasked: true, MaskKey, payload.Length);
        var frame = new byte[header.Size + payload.Length];
        header.Write(frame);
        Masking.Copy(payload, frame.AsSpan(header.Size), MaskKey);
        return frame;
    }

    public static byte[] TextFrame(string text) => Frame(Opcode.Text, Encoding.UTF8.GetBytes(text));

    public static byte[] CloseFrame(int status)
    {
        var payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        return Frame(Opcode.Close, payload);
    }

    public async Task UseTlsAsync(SslClientAuthenticationOptions options)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(options).Soon();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().Soon();

    public Task SendTextAsync(string text) => SendAsync(TextFrame(text));

    /// <summary>Reads an answer's head, and the body that its length announces.</summary>
    public async Task<HttpAnswer> ReadAnswerAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start.._end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            (await FillAsync()).Should().BeTrue("an answer is expected");
        }

        var lines = Encoding.Latin1.GetString(_buffer, _start, length).Split("\r\n");
        _start += length + 4;
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(
            pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = headers.TryGetValue("Content-Length", out var bodyLength) ? await TakeAsync(int.Parse(bodyLength, null)) : [];
        return new(int.Parse(lines[0].Split(' ')[1], null), headers, Encoding.UTF8.GetString(body ?? []));
    }

    /// <summary>Reads a frame; null where TCP has ended.</summary>
    public async Task<RawFrame?> TryReadFrameAsync()
    {
        if (await TakeAsync(2) is not { } head)
        {
            return null;
        }

        head[1].Should().BeLessThan(128, "a server must not mask");
        long length = head[1];
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await TakeAsync(2));
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(await TakeAsync(8));
        }

        var payload = await TakeAsync((int)length);
        return payload is null ? null : new(head[0] >= 128, (Opcode)(head[0] & 0x0F), payload);
    }

    public async Task<RawFrame> ReadFrameAsync() => await TryReadFrameAsync() ?? throw new IOException("TCP has ended.");

    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadFrameAsync();
        frame.Opcode.Should().Be(Opcode.Text);
        return frame.Text;
    }

    /// <summary>Reads until the close frame, whatever comes before it, and tells its status.</summary>
    public async Task<int> ReadUntilCloseAsync()
    {
        while (true)
        {
            var frame = await ReadFrameAsync();
            if (frame.Opcode == Opcode.Close)
            {
                return frame.CloseStatus;
            }
        }
    }

    /// <summary>Reads until TCP ends, orderly or by a reset, and tells how many bytes came until then.</summary>
    public async Task<int> ReadToEndAsync()
    {
        var count = _end - _start;
        _start = _end = 0;
        try
        {
            while (await FillAsync())
            {
                count += _end;
                _start = _end = 0;
            }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }

        return count;
    }

    public async Task CloseAsync(int status = 1000)
    {
        await SendAsync(CloseFrame(status));
        await ReadToEndAsync();
        Dispose();
    }

    /// <summary>Ends the sending direction only.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts TCP with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _stream.Dispose();

    private async Task<byte[]?> TakeAsync(int count)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync())
            {
                return null;
            }
        }

        var taken = _buffer[_start..(_start + count)];
        _start += count;
        return taken;
    }

    private async Task<bool> FillAsync()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_end == _buffer.Length)
        {
            var larger = _start > _buffer.Length / 2 ? _buffer : new byte[2 * _buffer.Length];
            _buffer.AsSpan(_start.._end).CopyTo(larger);
            (_buffer, _end, _start) = (larger, _end - _start, 0);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end)).Soon();
        _end += read;
        return read > 0;
    }
}
