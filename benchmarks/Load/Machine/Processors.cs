using System.Numerics;

namespace RawSocketChat.Load.Machine;

/// <summary>Keeps server and generator apart: each has a processor of its own where there are two.</summary>
internal static unsafe class Processors
{
    // As many as the kernel's own mask has; a machine with more lets it fail with EINVAL, and then nothing is pinned.
    private const int Words = 16;

    static Processors()
    {
        var mask = stackalloc ulong[Words];
        var all = new List<int>();
        if (Libc.GetAffinity(0, Words * sizeof(ulong), mask) == 0)
        {
            for (var i = 0; i < Words * 64; i++)
            {
                if ((mask[i / 64] & (1UL << (i % 64))) != 0)
                {
                    all.Add(i);
                }
            }
        }

        Usable = all;
    }

    /// <summary>The processors that this process may run on, as it was started.</summary>
    public static IReadOnlyList<int> Usable { get; }

    /// <summary>Whether there are enough to keep the two apart.</summary>
    public static bool ArePinned => Usable.Count >= 2;

    /// <summary>The server's processor, or null where nothing is pinned.</summary>
    public static int? Server => ArePinned ? Usable[0] : null;

    /// <summary>The generator's processor, or null where nothing is pinned.</summary>
    public static int? Generator => ArePinned ? Usable[^1] : null;

    /// <summary>Puts the calling thread, and all that it starts from now on, on one processor; null for any.</summary>
    public static void Pin(int? processor)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (var each in processor is { } only ? [only] : Usable)
        {
            mask[each / 64] |= BitOperations.RotateLeft(1UL, each % 64);
        }

        if (ArePinned && Libc.SetAffinity(0, Words * sizeof(ulong), mask) != 0)
        {
            throw Libc.Failure("sched_setaffinity");
        }
    }
}
