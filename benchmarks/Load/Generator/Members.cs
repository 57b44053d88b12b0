namespace RawSocketChat.Load.Generator;

/// <summary>Many connections to one path.</summary>
internal static class Members
{
    // A payload that comes back to the wrong connection is noticed in most cases, and the tapes still fit into a cache.
    private const int Tapes = 4;

    public static Member[] Open(int port, string path, int count, int payloadSize, bool isText, int depth, Epoll ready)
    {
        var tapes = Enumerable.Range(1, Tapes).Select(seed => new FrameTape(payloadSize, isText, depth, seed)).ToArray();
        var request = Upgrade.Request(path);
        var members = new List<Member>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var socket = Upgrade.Open(port, request);
                members.Add(new(socket, i, tapes[i % Tapes], depth));
                ready.Watch(socket.Descriptor, i);
            }

            return [.. members];
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }
}
