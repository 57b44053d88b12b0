using System.Net.Sockets;

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
        while (Opening.Length(_buffer.AsSpan(0, _filled)) == 0)
        {
            if (!await ReceiveAsync())
            {
                return null;
            }
        }

        var end = Opening.Length(_buffer.AsSpan(0, _filled));
        var answer = Opening.Answer(_buffer.AsSpan(0, end), out var path);
        _buffer.AsSpan(end, _filled - end).CopyTo(_buffer);
        _filled -= end;
        socket.Send(answer);
        return path;
    }
}
