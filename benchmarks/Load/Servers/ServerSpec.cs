namespace RawSocketChat.Load.Servers;

/// <summary>A server that can be measured: how it is called, and how it is started.</summary>
/// <param name="Name">What it is called on the command line and in the result.</param>
/// <param name="Description">What it is.</param>
/// <param name="Project">The folder of its project, below that of the benchmarks.</param>
/// <param name="Arguments">Its switches, besides the port.</param>
internal sealed record ServerSpec(string Name, string Description, string Project, params string[] Arguments)
{
    /// <summary>What the others' costs are told as a multiple of.</summary>
    public const string Reference = "kestrel";

    /// <summary>The servers without compression, in the order of the result.</summary>
    public static IReadOnlyList<ServerSpec> All { get; } =
    [
        new("ours", "RawSocketChat on its epoll loops", "BenchServer", "--transport", "epoll"),
        new("ours-portable", "RawSocketChat over the portable transport", "BenchServer", "--transport", "portable"),
        new(Reference, "ASP.NET Core as documented", "Peers/Kestrel", "--mode", "documented"),
        new("kestrel-tuned", "ASP.NET Core, tuned", "Peers/Kestrel", "--mode", "tuned"),
        new("ws", "ws on Node.js", "Peers/ws"),
        new("bare", "bare sockets of .NET: their floor, nothing is checked", "Peers/BareTcp", "--transport", "sockets"),
        new("bare-epoll", "a bare loop over epoll, nothing is checked", "Peers/BareTcp", "--transport", "epoll"),
    ];

    /// <summary>The servers with compression of every message, at the level that each has by itself.</summary>
    public static IReadOnlyList<ServerSpec> Deflating { get; } =
    [
        new("ours", "RawSocketChat on its epoll loops, compressing", "BenchServer", "--transport", "epoll", "--deflate", "on"),
        new(Reference, "ASP.NET Core as documented, compressing", "Peers/Kestrel", "--mode", "documented", "--deflate", "on"),
        new("kestrel-tuned", "ASP.NET Core, tuned, compressing", "Peers/Kestrel", "--mode", "tuned", "--deflate", "on"),
        new("ws", "ws on Node.js, compressing", "Peers/ws", "--deflate"),
    ];

    /// <summary>Whether it runs on Node.js.</summary>
    public bool IsNode => Project == "Peers/ws";

    /// <summary>The program to run, and its arguments.</summary>
    public (string Program, string[] Arguments) Command
    {
        get
        {
            var folder = Path.Combine(Repository.Root, "benchmarks", Project);
            return IsNode
                ? ("node", ["--expose-gc", Path.Combine(folder, "server.mjs"), "--port", "0", .. Arguments])
                : ("dotnet", [Path.Combine(folder, "bin", Repository.BuildFolder, $"{Path.GetFileName(Project)}.dll"), "--port", "0", .. Arguments]);
        }
    }
}
