using System.Runtime;

namespace Kestrel;

/// <summary>What only the process itself knows about its memory and its code, as JSON.</summary>
internal static class Stats
{
    public static Task AnswerAsync(HttpContext context)
    {
        var allocatedBytes = GC.GetTotalAllocatedBytes(precise: true);
        var heapBytes = GC.GetTotalMemory(forceFullCollection: context.Request.QueryString.Value == "?collect");
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            $$"""{"allocatedBytes":{{allocatedBytes}},"heapBytes":{{heapBytes}},"compiledMethods":{{JitInfo.GetCompiledMethodCount()}}}""");
    }
}
