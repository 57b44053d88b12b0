using System.Globalization;
using System.Runtime;

using RawSocketChat.Handshake;

namespace BenchServer;

/// <summary>What only the process itself knows about its memory and its code, as JSON.</summary>
internal static class Stats
{
    /// <summary>Answers <c>GET /stats</c>; with the query <c>collect</c>, the heap is what a full collection has left.</summary>
    public static HttpResponse Answer(HttpRequest request)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var heap = GC.GetTotalMemory(forceFullCollection: request.Query == "collect");
        return HttpResponse.Text(
            200,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"allocatedBytes":{{allocated}},"heapBytes":{{heap}},"compiledMethods":{{JitInfo.GetCompiledMethodCount()}}}"""));
    }
}
