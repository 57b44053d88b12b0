using System.Buffers;
using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging.Abstractions;

namespace RawSocketChat.Connection.Tests;

/// <summary>Accepting on a loop: who waits is accepted on the loop's thread, in turn with the loop's connections.</summary>
[Platform("Linux")]
public sealed class EpollAccepting
{
    private EpollLoopGroup _loops = null!;
    private TcpListener _listener = null!;
    private EpollListener _accepting = null!;

    [SetUp]
    public void Listen()
    {
        _loops = new(1, ArrayPool<byte>.Shared, NullLogger.Instance);
        _listener = new(IPAddress.Loopback, 0);
        _listener.Start(backlog: 1000);
        _accepting = _loops.Accept(_listener);
    }

    [TearDown]
    public async Task EndAsync()
    {
        _accepting.Dispose();
        _listener.Dispose();
        await Peer.Within(_loops.DisposeAsync().AsTask());
    }

    [Test]
    public async Task Whoever_waits_is_accepted_more_of_them_than_one_turn_takes()
    {
        var clients = Enumerable.Range(0, 50).Select(_ => Connect()).ToArray();
        var accepted = new List<Socket>();
        while (accepted.Count < clients.Length)
        {
            accepted.Add(await Peer.Within(_accepting.AcceptSocketAsync().AsTask()));
        }

        accepted.Select(socket => PortOf(socket.RemoteEndPoint)).Should().BeEquivalentTo(clients.Select(client => PortOf(client.LocalEndPoint)));
        DisposeAll([.. clients, .. accepted]);
    }

    [Test]
    public async Task An_accept_waits_for_whoever_comes_later_and_again()
    {
        for (var i = 0; i < 3; i++)
        {
            var accept = _accepting.AcceptSocketAsync().AsTask();
            accept.IsCompleted.Should().BeFalse();

            var client = Connect();
            var accepted = await Peer.Within(accept);

            accepted.RemoteEndPoint.Should().Be(client.LocalEndPoint);
            DisposeAll(client, accepted);
        }
    }

    [Test]
    public async Task What_follows_an_accept_runs_on_the_loops_thread()
    {
        var name = NameOfThreadAfterAcceptAsync();
        var client = Connect();

        (await Peer.Within(name)).Should().Be("epoll loop 1");
        client.Dispose();

        async Task<string?> NameOfThreadAfterAcceptAsync()
        {
            using var accepted = await _accepting.AcceptSocketAsync().ConfigureAwait(false);
            return Thread.CurrentThread.Name;
        }
    }

    [Test]
    public async Task Disposing_ends_a_pending_accept_and_each_later_one()
    {
        var accept = _accepting.AcceptSocketAsync().AsTask();

        _accepting.Dispose();

        await accept.Awaiting(task => Peer.Within(task)).Should().ThrowAsync<ObjectDisposedException>();
        await _accepting.Awaiting(self => self.AcceptSocketAsync().AsTask()).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Test]
    public async Task A_listener_that_was_stopped_is_an_error_not_a_wait()
    {
        _listener.Stop();

        await _accepting.Awaiting(self => Peer.Within(self.AcceptSocketAsync().AsTask())).Should().ThrowAsync<InvalidOperationException>();
    }

    private Socket Connect()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(_listener.LocalEndpoint);
        return client;
    }

    private static int PortOf(EndPoint? endPoint) => ((IPEndPoint)endPoint!).Port;

    private static void DisposeAll(params Socket[] sockets)
    {
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }
}
