namespace RawSocketChat.Load.Measuring;

/// <summary>A figure over the rounds: the one in the middle, and how far the others lie.</summary>
internal sealed record Spread(double Median, double Min, double Max)
{
    /// <summary>The spread of some values; null where there is none.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToArray();
        if (sorted.Length == 0)
        {
            return null;
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(median, sorted[0], sorted[^1]);
    }
}
