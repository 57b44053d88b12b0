namespace RawSocketChat.Load.Generator;

/// <summary>Connections that are open and do nothing.</summary>
internal sealed class IdleConnections : IDisposable
{
    private readonly List<ClientSocket> _sockets = [];

    public IdleConnections(int port, int count, CancellationToken stop)
    {
        var request = Upgrade.Request("/echo");
        try
        {
            for (var i = 0; i < count; i++)
            {
                stop.ThrowIfCancellationRequested();
                _sockets.Add(Upgrade.Open(port, request));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
