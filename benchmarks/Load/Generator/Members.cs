namespace RawSocketChat.Load.Generator;

/// <summary>Many connections to one path.</summary>
internal static class Members
{
    // A payload that comes back to the wrong connection is noticed in most cases, and the tapes still fit into a cache.
    private const int Tapes = 4;

    /// <summary>Opens connections without compression.</summary>
    public static Member[] Open(int port, string path, int count, int payloadSize, bool isText, int depth, Epoll ready)
    {
        var tapes = Enumerable.Range(1, Tapes).Select(seed => new FrameTape(payloadSize, isText, depth, seed)).ToArray();
        var request = Upgrade.Request(path);
        return Open(count, () => Upgrade.Open(port, request), (socket, number) => new(socket, number, tapes[number % Tapes], depth, new()), ready);
    }

    /// <summary>Opens connections.</summary>
    /// <param name="count">How many.</param>
    /// <param name="connect">Makes one, upgraded.</param>
    /// <param name="enrol">Makes a member of it and its number.</param>
    /// <param name="ready">What watches them all.</param>
    public static Member[] Open(int count, Func<ClientSocket> connect, Func<ClientSocket, int, Member> enrol, Epoll ready)
    {
        var members = new List<Member>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var socket = connect();
                members.Add(enrol(socket, i));
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
