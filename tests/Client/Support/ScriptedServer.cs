using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RawSocketChat.Client.Tests.Support;

/// <summary>A TCP server on a loopback port that does to each connection what a script says; and knows when each has been let go.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<ScriptedPeer, Task> _script;
    private readonly ConcurrentBag<Task> _peers = [];
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly Task _loop;
    private int _accepted;

    public ScriptedServer(Func<ScriptedPeer, Task> script, IPAddress? address = null)
    {
        _script = script;
        _listener = new(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Uri => new($"ws://127.0.0.1:{Port}/");

    public Uri SecureUri => new($"wss://localhost:{Port}/");

    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Waits until each connection that was made has been ended by the client.</summary>
    public async Task AllLetGoAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.Soon();
        }

        _failures.Should().BeEmpty("the script went to its end");
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _loop.Soon();
        await AllLetGoAsync();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync();
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            Interlocked.Increment(ref _accepted);
            _peers.Add(ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var peer = new ScriptedPeer(socket);
        try
        {
            await _script(peer);
            await peer.ReadToEndAsync();
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has let go in the middle of the script.
        }
        catch (Exception failure)
        {
            _failures.Enqueue(failure);
        }
    }
}
