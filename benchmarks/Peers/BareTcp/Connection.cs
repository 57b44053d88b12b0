using System.Globalization;
using System.Net.Sockets;
using System.Runtime;
using System.Security.Cryptography;
using System.Text;

namespace BareTcp;

/// <summary>One connection: the upgrade, then frames. One receive and one send for all that came in one piece.</summary>
internal sealed class Connection(Socket socket, Members members)
{
    private byte[] _buffer = new byte[4096];
    private int _filled;
    private int _lastReceived;

    public async Task RunAsync()
    {
        using var owned = socket;
        socket.NoDelay = true;
        try
        {
            var path = await UpgradeAsync();
            if (path == "/broadcast")
            {
                members.Add(socket);
                await ServeAsync(isBroadcast: true);
            }
            else if (path is not null)
            {
                await ServeAsync(isBroadcast: false);
            }
        }
        catch (SocketException)
        {
            // The peer is gone.
        }
        finally
        {
            members.Remove(socket);
        }
    }

    private async Task ServeAsync(bool isBroadcast)
    {
        while (true)
        {
            var (consumed, answered, closed) = Frames.Turn(_buffer.AsSpan(0, _filled));
            if (answered > 0)
            {
                Send(answered, toAll: isBroadcast && !closed);
                _buffer.AsSpan(consumed, _filled - consumed).CopyTo(_buffer);
                _filled -= consumed;
            }

            if (closed || !await ReceiveAsync())
            {
                return;
            }
        }
    }

    private void Send(int count, bool toAll)
    {
        if (!toAll)
        {
            socket.Send(_buffer.AsSpan(0, count));
            return;
        }

        foreach (var member in members.All)
        {
            member.Send(_buffer.AsSpan(0, count));
        }
    }

    private async ValueTask<bool> ReceiveAsync()
    {
        var needed = Math.Max(Frames.NeededSize(_buffer.AsSpan(0, _filled)), _filled + 1);
        var wasFull = _lastReceived == _buffer.Length && _buffer.Length < 256 * 1024;
        if (needed > _buffer.Length || wasFull)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, needed));
        }

        _lastReceived = await socket.ReceiveAsync(_buffer.AsMemory(_filled));
        _filled += _lastReceived;
        return _lastReceived > 0;
    }

    // The path, or null where it was plain HTTP, which is answered.
    private async Task<string?> UpgradeAsync()
    {
        while (_buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8) < 0)
        {
            if (!await ReceiveAsync())
            {
                return null;
            }
        }

        var end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8) + 4;
        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        _buffer.AsSpan(end, _filled - end).CopyTo(_buffer);
        _filled -= end;

        var lines = head.Split("\r\n");
        var path = lines[0].Split(' ')[1];
        var key = lines.FirstOrDefault(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))?[18..].Trim();
        socket.Send(Encoding.ASCII.GetBytes(key is null ? Stats(collect: path.EndsWith("?collect", StringComparison.Ordinal)) : Switching(key)));
        return key is null ? null : path;
    }

    private static string Stats(bool collect)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var heap = GC.GetTotalMemory(forceFullCollection: collect);
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"allocatedBytes":{{allocated}},"heapBytes":{{heap}},"compiledMethods":{{JitInfo.GetCompiledMethodCount()}}}""");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    // RFC 6455 §4.2.2 item 5.4; SHA-1 is what it asks for.
#pragma warning disable CA5350
    private static string Switching(string key) =>
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))) + "\r\n\r\n";
#pragma warning restore CA5350
}
