namespace RawSocketChat.Load.Machine;

/// <summary>The processor time of a process or a thread, user and system together, in seconds.</summary>
internal static unsafe class CpuClock
{
    private const int ThisThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>All threads of a process, those that have ended included. The same as /proc/PID/stat tells in ticks, in nanoseconds.</summary>
    public static double OfProcess(int process)
    {
        int clock;
        var error = Libc.CpuClockOf(process, &clock);
        return error == 0 ? Read(clock) : throw new IOException($"Process {process} has no clock any more (error {error}).");
    }

    /// <summary>The calling thread.</summary>
    public static double OfThisThread() => Read(ThisThreadClock);

    private static double Read(int clock)
    {
        var time = stackalloc long[2];
        return Libc.GetTime(clock, time) == 0 ? time[0] + (time[1] / 1e9) : throw Libc.Failure("clock_gettime");
    }
}
