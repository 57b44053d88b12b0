using Microsoft.Win32.SafeHandles;

namespace RawSocketChat;

/// <summary>
/// A few descriptors that are held so that they can be given back when accepting has used up all others: without a single one left,
/// the runtime itself fails (it ends the process when it cannot read about its own memory), and no log can be written.
/// </summary>
internal sealed class DescriptorReserve : IDisposable
{
    private const int Size = 32;

    private readonly List<SafeFileHandle> _held = new(Size);

    /// <summary>
    /// How many sockets the process can have beside what it has open now, leaving twice the reserve: so that accepting stops before the last
    /// descriptor is gone, not after. Known on Linux; elsewhere without a bound.
    /// </summary>
    public static int RoomForSockets()
    {
        const string Limits = "/proc/self/limits";
        if (!OperatingSystem.IsLinux() || !File.Exists(Limits))
        {
            return int.MaxValue;
        }

        // "Max open files            1024                 4096                 files": the soft limit is the first number.
        var line = File.ReadLines(Limits).FirstOrDefault(each => each.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 3 && int.TryParse(words[3], out var limit)
            ? Math.Max(1, limit - Directory.GetFileSystemEntries("/proc/self/fd").Length - (2 * Size))
            : int.MaxValue;
    }

    /// <summary>Takes the reserve.</summary>
    /// <returns>False where there are not enough descriptors for it; it then holds none.</returns>
    public bool TryTake()
    {
        // Windows has no such limit.
        while (_held.Count < Size && !OperatingSystem.IsWindows())
        {
            try
            {
                _held.Add(File.OpenHandle("/dev/null"));
            }
            catch (IOException)
            {
                Dispose();
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives the reserve back, for whoever needs descriptors more.</summary>
    public void Dispose()
    {
        _held.ForEach(handle => handle.Dispose());
        _held.Clear();
    }
}
