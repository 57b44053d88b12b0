namespace RawSocketChat.Framing.Tests;

/// <summary>What an action costs in memory.</summary>
internal static class Allocation
{
    private const int Calls = 10_000;

    /// <summary>The action, called so many times after a warm-up, allocates nothing at all.</summary>
    public static void ShouldBeNone(Action action, int calls = Calls)
    {
        for (var call = 0; call < calls / 100; call++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < calls; call++)
        {
            action();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().Be(0, "{0} calls were made", calls);
    }
}
