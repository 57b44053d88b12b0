using System.Diagnostics;
using System.Globalization;

namespace RawSocketChat.Load.Machine;

/// <summary>Counts a process's system calls with strace, from the start to <see cref="StopAsync"/>. It slows the process down many times.</summary>
internal sealed class SystemCallCounter : IAsyncDisposable
{
    private readonly Process _strace;
    private readonly string _summary;

    private SystemCallCounter(Process strace, string summary)
    {
        _strace = strace;
        _summary = summary;
    }

    /// <summary>Whether strace is installed.</summary>
    public static bool IsAvailable { get; } =
        Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "strace"))) ?? false;

    /// <summary>Starts counting for all threads of a process.</summary>
    /// <returns>The counter; null where strace may not look at the process.</returns>
    public static async Task<SystemCallCounter?> StartAsync(int process, CancellationToken stop)
    {
        var summary = Path.GetTempFileName();
        var strace = Process.Start(new ProcessStartInfo(
            "strace", ["-f", "-c", "-U", "name,calls", "-o", summary, "-p", process.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        })!;
        var counter = new SystemCallCounter(strace, summary);
        try
        {
            // It says so when it is there; all threads have been stopped and followed by then.
            while (await strace.StandardError.ReadLineAsync(stop) is { } line)
            {
                if (line.Contains(" attached", StringComparison.Ordinal))
                {
                    _ = strace.StandardError.ReadToEndAsync(CancellationToken.None);
                    return counter;
                }
            }
        }
        catch
        {
            await counter.DisposeAsync();
            throw;
        }

        await counter.DisposeAsync();
        return null;
    }

    /// <summary>Stops counting.</summary>
    /// <returns>How often each system call was made.</returns>
    public async Task<IReadOnlyDictionary<string, long>> StopAsync()
    {
        using var ask = Process.Start("kill", ["-INT", $"{_strace.Id}"]);
        await ask.WaitForExitAsync();
        await _strace.WaitForExitAsync();
        return Parse(await File.ReadAllLinesAsync(_summary));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            _strace.Kill();
            await _strace.WaitForExitAsync();
        }

        _strace.Dispose();
        File.Delete(_summary);
    }

    /// <summary>Reads the two columns of the summary: name and calls.</summary>
    internal static IReadOnlyDictionary<string, long> Parse(IEnumerable<string> lines)
    {
        var counts = new Dictionary<string, long>();
        foreach (var line in lines)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var calls]
                && name != "total"
                && long.TryParse(calls, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                counts[name] = count;
            }
        }

        return counts;
    }
}
