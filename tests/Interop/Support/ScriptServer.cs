using System.Globalization;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A server written as a script in <c>servers/</c>: prints its port, and how each connection was closed.</summary>
public sealed class ScriptServer : ForeignServer
{
    private readonly ChildProcess _child;

    private ScriptServer(ChildProcess child) => _child = child;

    public static async Task<ScriptServer> StartAsync(string interpreter, string script, bool deflate)
    {
        var path = Path.Combine(Repository.Root, "tests", "Interop", "servers", script);
        var child = ChildProcess.Start(interpreter, [path, deflate ? "deflate" : "plain"], Repository.Root);
        var server = new ScriptServer(child);
        try
        {
            server.Port = int.Parse((await child.LineAsync("listening ")).Split(' ')[1], CultureInfo.InvariantCulture);
            return server;
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    public override Task ClosedAsync(int code, string reason) => _child.LineAsync($"closed {code} {reason}");

    public override ValueTask DisposeAsync()
    {
        _child.Dispose();
        return ValueTask.CompletedTask;
    }
}
