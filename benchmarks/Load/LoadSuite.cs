using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Results;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load;

/// <summary>What belongs together in one run: which servers, in which cells, for how long, and what is told of it.</summary>
/// <param name="Title">What its report is called.</param>
/// <param name="FilePrefix">What the names of its files begin with.</param>
/// <param name="Servers">All its servers.</param>
/// <param name="Cells">All its cells.</param>
/// <param name="Full">Enough to print a figure.</param>
/// <param name="Quick">Enough to see whether something is very wrong.</param>
/// <param name="Tables">What its rows are shown in.</param>
internal sealed record LoadSuite(
    string Title,
    string FilePrefix,
    IReadOnlyList<ServerSpec> Servers,
    IReadOnlyList<Cell> Cells,
    Effort Full,
    Effort Quick,
    Func<IReadOnlyList<CellResult>, IReadOnlyList<Table>> Tables)
{
    /// <summary>Without compression.</summary>
    public static LoadSuite Plain { get; } = new(
        "Load", string.Empty, ServerSpec.All, Cell.All, Effort.Full, Effort.Quick, results => [Table.OfTraffic(results), Table.OfMemory(results)]);

    /// <summary>With permessage-deflate.</summary>
    public static LoadSuite Deflate { get; } = new(
        "Load with permessage-deflate", "load-deflate-", ServerSpec.Deflating, Cell.Deflating, Effort.DeflateFull, Effort.DeflateQuick,
        results => [Table.OfDeflate(results), Table.OfDeflateMemory(results)]);
}
