using System.Diagnostics;
using System.Numerics;

namespace RawSocketChat.Load.Measuring;

/// <summary>
/// Durations in buckets that are exact below 64 ticks and at most 1/32 wide above: as good for a day as for a microsecond, at the
/// cost of an increment.
/// </summary>
internal sealed class Histogram
{
    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    public long Count { get; private set; }

    /// <summary>Records a duration in ticks of <see cref="Stopwatch"/>; a negative one counts as zero.</summary>
    public void Record(long ticks)
    {
        _counts[Index(Math.Max(0, ticks))]++;
        Count++;
    }

    /// <summary>The duration in microseconds that a share of all, such as 0.99, does not exceed; the upper end of its bucket. 0 for none.</summary>
    public double Microseconds(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return UpperEnd(i) * 1e6 / Stopwatch.Frequency;
            }
        }

        return 0;
    }

    /// <summary>The bucket of a value: the position of its highest bit, and the five bits below that.</summary>
    internal static int Index(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * SubBuckets) + (int)(value >> shift);
    }

    /// <summary>The greatest value of a bucket.</summary>
    internal static long UpperEnd(int index)
    {
        var shift = Math.Max(0, (index / SubBuckets) - 1);
        var mantissa = (long)(index - (shift * SubBuckets));
        return ((mantissa + 1) << shift) - 1;
    }
}
