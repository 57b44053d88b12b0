using System.IO.Enumeration;

using RawSocketChat.Load.Generator;

namespace RawSocketChat.Load.Cells;

/// <summary>One kind of load: a row of the result.</summary>
/// <param name="Name">What it is called in the result and on the command line.</param>
/// <param name="Kind">What the connections do.</param>
/// <param name="Connections">How many there are.</param>
/// <param name="PayloadSize">The payload of a message in bytes.</param>
/// <param name="Depth">How many messages are on their way at once: of each connection, or of the one that broadcasts.</param>
/// <param name="IsText">Whether messages are text.</param>
/// <param name="Terms">What is agreed on about compression; null for none.</param>
internal sealed record Cell(
    string Name, CellKind Kind, int Connections, int PayloadSize = 0, int Depth = 1, bool IsText = false, DeflateTerms? Terms = null)
{
    /// <summary>Whether a quick run leaves it out, unless it is asked for by name.</summary>
    public bool TakesLong { get; init; }

    /// <summary>The cells without compression, in the order of the result.</summary>
    public static IReadOnlyList<Cell> All { get; } =
    [
        new("echo-16B-x1", CellKind.Echo, 1, 16),
        new("echo-125B-x64", CellKind.Echo, 64, 125),
        new("echo-125B-x64-depth16", CellKind.Echo, 64, 125, Depth: 16),
        new("echo-125B-x1000", CellKind.Echo, 1000, 125),
        new("echo-125B-x1000-depth16", CellKind.Echo, 1000, 125, Depth: 16),
        new("echo-125B-x10000", CellKind.Echo, 10_000, 125) { TakesLong = true },
        new("text-1KiB-x64-depth16", CellKind.Echo, 64, 1024, Depth: 16, IsText: true),
        new("echo-16KiB-x64", CellKind.Echo, 64, 16 * 1024),
        new("echo-16KiB-x64-depth16", CellKind.Echo, 64, 16 * 1024, Depth: 16),
        new("broadcast-64B-x1000", CellKind.Broadcast, 1000, 64),
        new("broadcast-64B-x1000-depth16", CellKind.Broadcast, 1000, 64, Depth: 16),
        new("broadcast-1KiB-x1000", CellKind.Broadcast, 1000, 1024),
        new("broadcast-1KiB-x1000-depth16", CellKind.Broadcast, 1000, 1024, Depth: 16),
        new("handshake-x16", CellKind.Handshake, 16),
        new("idle-x10000", CellKind.Idle, 10_000),
    ];

    /// <summary>The cells with compression: what a chat sends, under the terms that tell servers apart.</summary>
    public static IReadOnlyList<Cell> Deflating { get; } =
    [
        .. from size in new (int Bytes, string Name)[] { (50, "50B"), (200, "200B"), (1024, "1KiB"), (4096, "4KiB") }
           from terms in AllTerms
           select new Cell($"chat-{size.Name}-{terms.Name}", CellKind.Echo, 64, size.Bytes, IsText: true, Terms: terms),
        .. from terms in AllTerms
           select new Cell($"memory-{terms.Name}", CellKind.DeflateMemory, 128, 1024, IsText: true, Terms: terms),
    ];

    /// <summary>Those of some cells that a list describes, separated by commas: names, parts of names, or patterns with '*' for anything.</summary>
    public static IReadOnlyList<Cell> Matching(string list, IReadOnlyList<Cell> cells)
    {
        var wanted = list.Split(',').SelectMany(text => Described(text, cells)).ToHashSet();
        return [.. cells.Where(wanted.Contains)];
    }

    /// <summary>Opens its connections to a server.</summary>
    public ITraffic Open(int port) => Kind switch
    {
        CellKind.Echo or CellKind.DeflateMemory when Terms is not null => new DeflatedEchoTraffic(port, Connections, PayloadSize, Depth, Terms),
        CellKind.Echo => new EchoTraffic(port, Connections, PayloadSize, IsText, Depth),
        CellKind.Broadcast => new BroadcastTraffic(port, Connections, PayloadSize, IsText, Depth),
        CellKind.Handshake => new HandshakeTraffic(port, Connections),
        _ => throw new InvalidOperationException($"{Name} sends nothing."),
    };

    private static IEnumerable<DeflateTerms> AllTerms =>
        from takeover in new[] { false, true }
        from bits in new[] { 9, 12, 15 }
        select new DeflateTerms(bits, takeover);

    // A whole name is that cell alone, though others may begin with it.
    private static IEnumerable<Cell> Described(string text, IReadOnlyList<Cell> cells) =>
        cells.FirstOrDefault(cell => cell.Name == text) is { } exact
            ? [exact]
            : cells.Where(cell => FileSystemName.MatchesSimpleExpression(text.Contains('*') ? text : $"*{text}*", cell.Name));
}
