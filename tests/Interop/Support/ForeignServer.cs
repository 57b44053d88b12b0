namespace RawSocketChat.Interop.Tests.Support;

/// <summary>
/// A WebSocket server that others wrote, on a port of its own. Its path says what it does: <c>/echo</c>; <c>/fragments</c>, an echo in about
/// seven frames; <c>/header</c>, the value of X-Test; <c>/close</c>, closes with 4002; <c>/ping</c>, pings and tells of the pong;
/// <c>/pinged</c>, tells when it was pinged twice. Of subprotocols it knows <c>chat.v2</c>.
/// </summary>
public abstract class ForeignServer : IAsyncDisposable
{
    /// <summary>The port that it listens on, at 127.0.0.1.</summary>
    public int Port { get; protected set; }

    /// <summary>Starts the server of that name.</summary>
    public static async Task<ForeignServer> StartAsync(string name, bool deflate = false) => name switch
    {
        "Kestrel" => await KestrelServer.StartAsync(deflate),
        "ws" => await ScriptServer.StartAsync("node", "ws.mjs", deflate),
        // Debian's module belongs to Debian's interpreter: another python may come first on the PATH.
        "python3-websockets" => await ScriptServer.StartAsync("/usr/bin/python3", "websockets_server.py", deflate),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such server."),
    };

    /// <summary>The address of a path.</summary>
    public Uri Url(string path = "echo") => new($"ws://127.0.0.1:{Port}/{path}");

    /// <summary>Waits until it tells that a connection was closed with that code and reason.</summary>
    public abstract Task ClosedAsync(int code, string reason);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
