using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;

using RawSocketChat.Benchmarks;
using RawSocketChat.DeflateTable;
using RawSocketChat.Framing;

// What compression gains and costs on messages like a chat's, by window, takeover and level, beside the framework's DeflateStream.
const double Seconds = 0.3;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine("| size | by | window | takeover | level | length, % | deflate µs | inflate µs | held while idle, B |");
Console.WriteLine("|---:|---|---:|---|---|---:|---:|---:|---:|");
foreach (var size in (int[])[50, 200, 1024, 4096])
{
    var messages = ChatMessages.Make(size);
    foreach (var takeover in (bool[])[false, true])
    {
        foreach (var bits in (int[])[9, 12, 15])
        {
            foreach (var level in (CompressionLevel[])[CompressionLevel.Fastest, CompressionLevel.Optimal])
            {
                using var deflate = new OwnDeflate(bits, takeover, level);
                var held = takeover ? MessageDeflater.MemoryOf(bits, level) + MessageInflater.MemoryOf(bits) : 0;
                Print("ours", $"{bits}", takeover, level, deflate, Inflating(messages, bits, takeover, level), $"{held:N0}");
            }
        }

        foreach (var level in (CompressionLevel[])[CompressionLevel.Fastest, CompressionLevel.Optimal])
        {
            using var deflate = new FrameworkDeflate(takeover, level);
            Print("DeflateStream", "15", takeover, level, deflate, null, takeover ? $"{NativeMemory(messages, level):N0}, without inflating" : "0");
        }
    }

    void Print(string by, string bits, bool takeover, CompressionLevel level, IDeflate deflate, double? inflating, string held)
    {
        long before = messages.Sum(message => (long)message.Length);
        long after = messages.Sum(message => (long)deflate.Deflate(message));
        var deflating = Time(() => deflate.Deflate(messages[0]), messages.Length, i => deflate.Deflate(messages[i]));
        Console.WriteLine(
            $"| {size} | {by} | {bits} | {(takeover ? "yes" : "no")} | {level} | {100.0 * after / before:F0} | {deflating:F2} | {inflating?.ToString("F2", CultureInfo.InvariantCulture) ?? "-"} | {held} |");
    }
}

static double Inflating(byte[][] messages, int bits, bool takeover, CompressionLevel level)
{
    using var deflate = new OwnDeflate(bits, takeover, level);
    var compressed = messages.Select(message =>
    {
        deflate.Deflate(message);
        return deflate.Written.ToArray();
    }).ToArray();
    var destination = new byte[64 * 1024];
    return Time(() => 0, compressed.Length, i =>
    {
        if (i == 0)
        {
            Inflater.Renew(bits, takeover);
        }

        return Inflater.Own!.Inflate(compressed[i], endOfMessage: true, destination, out _, out var written) == InflateStatus.Done
            ? written
            : throw new InvalidDataException("That was no deflate.");
    });
}

// Whole rounds over all messages, the best of them: microseconds a message.
static double Time(Func<int> warm, int count, Func<int, int> one)
{
    warm();
    var best = double.MaxValue;
    for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < Seconds;)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            one(i);
        }

        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / count);
    }

    return best;
}

// What the process grows by: the framework's memory is native.
static long NativeMemory(byte[][] messages, CompressionLevel level)
{
    const int Count = 200;
    var all = new List<FrameworkDeflate>(Count);
    var before = Environment.WorkingSet;
    for (var i = 0; i < Count; i++)
    {
        all.Add(new(takeover: true, level));
        Array.ForEach(messages[..20], message => all[^1].Deflate(message));
    }

    var each = (Environment.WorkingSet - before) / Count;
    all.ForEach(one => one.Dispose());
    return each;
}

/// <summary>The inflater of the present round.</summary>
internal static class Inflater
{
    public static MessageInflater? Own { get; private set; }

    public static void Renew(int bits, bool takeover)
    {
        Own?.Dispose();
        Own = new(bits, takeover, ArrayPool<byte>.Shared);
    }
}
