using RawSocketChat.Load.Cells;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load;

/// <summary>What the command line asks for.</summary>
/// <param name="Suite">What it chooses from.</param>
/// <param name="Servers">Which servers.</param>
/// <param name="Cells">Which cells.</param>
/// <param name="Effort">How long, and how often.</param>
/// <param name="Output">The folder for the results.</param>
/// <param name="OnlyLists">Whether it is only to tell what there is.</param>
internal sealed record LoadPlan(
    LoadSuite Suite, IReadOnlyList<ServerSpec> Servers, IReadOnlyList<Cell> Cells, Effort Effort, string Output, bool OnlyLists);
