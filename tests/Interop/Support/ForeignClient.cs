namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A WebSocket client that others wrote.</summary>
public abstract class ForeignClient
{
    /// <summary>How long a plan may take before it is a failure.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>The client of that name.</summary>
    public static ForeignClient Named(string name) => name switch
    {
        "ClientWebSocket" => new DotNetClient(),
        "ws" => new ScriptClient("node", "ws.mjs"),
        // Debian's module belongs to Debian's interpreter: another python may come first on the PATH.
        "python3-websockets" => new ScriptClient("/usr/bin/python3", "websockets_client.py"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such client."),
    };

    /// <summary>Carries a plan out.</summary>
    /// <returns>What happened, in order for each connection.</returns>
    public abstract Task<IReadOnlyList<ClientEvent>> RunAsync(ClientPlan plan);
}
