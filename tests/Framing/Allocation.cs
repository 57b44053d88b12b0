namespace RawSocketChat.Framing.Tests;

/// <summary>What an action costs in memory.</summary>
internal static class Allocation
{
    private const int Calls = 10_000;

    /// <summary>The action, called 10,000 times after a warm-up, allocates nothing at all.</summary>
    public static void ShouldBeNone(Action action)
    {
        for (var call = 0; call < 100; call++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < Calls; call++)
        {
            action();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().Be(0, "{0} calls were made", Calls);
    }
}
