using System.Net.Sockets;

namespace BareTcp;

/// <summary>Who gets the broadcasts: an array that is replaced, so that it is walked without a lock.</summary>
internal sealed class Members
{
    private readonly Lock _gate = new();
    private Socket[] _all = [];

    public Socket[] All => Volatile.Read(ref _all);

    public void Add(Socket socket)
    {
        lock (_gate)
        {
            Volatile.Write(ref _all, [.. _all, socket]);
        }
    }

    public void Remove(Socket socket)
    {
        lock (_gate)
        {
            Volatile.Write(ref _all, [.. _all.Where(each => each != socket)]);
        }
    }
}
