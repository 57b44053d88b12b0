using System.IO.Pipelines;
using System.Threading.Channels;

using RawSocketChat.Framing;

namespace RawSocketChat.Client.Tests.Support;

/// <summary>Stands in for the network: each attempt waits for what the test makes of it.</summary>
internal sealed class ScriptedConnector : IAsyncDisposable
{
    private readonly Channel<Attempt> _attempts = Channel.CreateUnbounded<Attempt>();
    private readonly List<WebSocketConnection> _servers = [];

    public async Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketClientOptions options, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(uri, options, _servers, cancellationToken);
        await _attempts.Writer.WriteAsync(attempt, CancellationToken.None);
        return await attempt.Result.WaitAsync(cancellationToken);
    }

    /// <summary>The next attempt, once it is made.</summary>
    public Task<Attempt> NextAsync() => _attempts.Reader.ReadAsync().Soon();

    /// <summary>Whether no attempt is under way that the test has not seen.</summary>
    public bool IsQuiet => !_attempts.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Abort();
            await server.DisposeAsync();
        }
    }

    internal sealed class Attempt(Uri uri, WebSocketClientOptions options, List<WebSocketConnection> servers, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<WebSocketConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Uri Uri => uri;

        public CancellationToken CancellationToken => cancellationToken;

        public Task<WebSocketConnection> Result => _result.Task;

        public void Fail(Exception failure) => _result.SetException(failure);

        public void Succeed(WebSocketConnection connection) => _result.SetResult(connection);

        /// <summary>Connects, and gives the server's end.</summary>
        public WebSocketConnection Succeed()
        {
            var toServer = new Pipe();
            var toClient = new Pipe();
            var client = new WebSocketConnection(
                new PipeTransport(new Duplex(toClient.Reader, toServer.Writer)), EndpointRole.Client, options);
            var server = new WebSocketConnection(
                new PipeTransport(new Duplex(toServer.Reader, toClient.Writer)),
                EndpointRole.Server,
                new() { KeepAliveInterval = Timeout.InfiniteTimeSpan });
            servers.Add(server);
            _result.SetResult(client);
            return server;
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
