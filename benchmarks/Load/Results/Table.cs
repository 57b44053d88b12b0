using System.Globalization;

using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Results;

/// <summary>Rows of text under a head, for the terminal or for Markdown.</summary>
internal sealed class Table(params string[] head)
{
    private const string Nothing = "";
    private readonly List<string[]> _rows = [];

    /// <summary>What messages cost.</summary>
    public static Table OfTraffic(IEnumerable<CellResult> results)
    {
        var table = new Table(
            "cell", "server", "CPU µs/message", "min..max", "x kestrel", "messages/s", "server load", "p50 µs", "p99 µs", "p99.9 µs",
            "B allocated/message", "system calls/message", "remarks");
        foreach (var row in results.Where(row => row.ResidentBytesPerConnection is null))
        {
            table._rows.Add(
            [
                row.Cell, row.Server, Number(row.CpuMicrosecondsPerMessage?.Median, "N2"), Range(row.CpuMicrosecondsPerMessage, "N2"),
                Number(row.RatioToReference, "N2"), Number(row.MessagesPerSecond?.Median, "N0"), Number(row.ServerLoad?.Median, "P0"),
                Number(row.P50Microseconds?.Median, "N0"), Number(row.P99Microseconds?.Median, "N0"), Number(row.P999Microseconds?.Median, "N0"),
                Number(row.AllocatedBytesPerMessage?.Median, "N1"), Number(row.SystemCallsPerMessage, "N2"), Remarks(row),
            ]);
        }

        return table;
    }

    /// <summary>What compressed messages cost.</summary>
    public static Table OfDeflate(IEnumerable<CellResult> results)
    {
        var table = new Table(
            "cell", "server", "CPU µs/message", "min..max", "x kestrel", "on the wire, %", "messages/s", "server load", "p50 µs", "p99 µs",
            "B allocated/message", "remarks");
        foreach (var row in results.Where(row => row.ResidentBytesPerConnection is null))
        {
            table._rows.Add(
            [
                row.Cell, row.Server, Number(row.CpuMicrosecondsPerMessage?.Median, "N2"), Range(row.CpuMicrosecondsPerMessage, "N2"),
                Number(row.RatioToReference, "N2"), Number(row.WirePercent?.Median, "N1"), Number(row.MessagesPerSecond?.Median, "N0"),
                Number(row.ServerLoad?.Median, "P0"), Number(row.P50Microseconds?.Median, "N0"), Number(row.P99Microseconds?.Median, "N0"),
                Number(row.AllocatedBytesPerMessage?.Median, "N1"), Remarks(row),
            ]);
        }

        return table;
    }

    /// <summary>What connections cost that compress, or have: the ratio is that of the latter.</summary>
    public static Table OfDeflateMemory(IEnumerable<CellResult> results)
    {
        var table = new Table(
            "cell", "server", "B resident/connection, busy", "min..max", "B resident/connection, idle", "min..max", "x kestrel", "B heap/connection",
            "remarks");
        foreach (var row in results.Where(row => row.ResidentBytesPerConnection is not null))
        {
            table._rows.Add(
            [
                row.Cell, row.Server, Number(row.BusyBytesPerConnection?.Median, "N0"), Range(row.BusyBytesPerConnection, "N0"),
                Number(row.ResidentBytesPerConnection?.Median, "N0"), Range(row.ResidentBytesPerConnection, "N0"),
                Number(row.RatioToReference, "N2"), Number(row.HeapBytesPerConnection?.Median, "N0"), Remarks(row),
            ]);
        }

        return table;
    }

    /// <summary>What idle connections cost.</summary>
    public static Table OfMemory(IEnumerable<CellResult> results)
    {
        var table = new Table("cell", "server", "B resident/connection", "min..max", "x kestrel", "B heap/connection", "remarks");
        foreach (var row in results.Where(row => row.ResidentBytesPerConnection is not null))
        {
            table._rows.Add(
            [
                row.Cell, row.Server, Number(row.ResidentBytesPerConnection?.Median, "N0"), Range(row.ResidentBytesPerConnection, "N0"),
                Number(row.RatioToReference, "N2"), Number(row.HeapBytesPerConnection?.Median, "N0"), Remarks(row),
            ]);
        }

        return table;
    }

    /// <summary>In columns: texts to the left, numbers to the right.</summary>
    public IEnumerable<string> ForTerminal()
    {
        var widths = head.Select((title, i) => _rows.Select(row => row[i].Length).Append(title.Length).Max()).ToArray();
        foreach (var row in _rows.Count == 0 ? [] : _rows.Prepend(head))
        {
            yield return string.Join("  ", row.Select((text, i) => IsText(i) ? text.PadRight(widths[i]) : text.PadLeft(widths[i]))).TrimEnd();
        }
    }

    /// <summary>As a table of Markdown.</summary>
    public IEnumerable<string> ForMarkdown()
    {
        if (_rows.Count == 0)
        {
            yield break;
        }

        yield return $"| {string.Join(" | ", head)} |";
        yield return $"|{string.Concat(head.Select((_, i) => IsText(i) ? "---|" : "---:|"))}";
        foreach (var row in _rows)
        {
            yield return $"| {string.Join(" | ", row.Select(text => text.Replace("|", "\\|", StringComparison.Ordinal)))} |";
        }
    }

    private bool IsText(int column) => column < 2 || column == head.Length - 1;

    private static string Remarks(CellResult row) => row switch
    {
        { Failure: { } failure } => $"failed: {failure}",
        { GeneratorIsLimit: true } => "the generator is the limit",
        _ => Nothing,
    };

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? Nothing;

    private static string Range(Spread? spread, string format) =>
        spread is null ? Nothing : $"{Number(spread.Min, format)}..{Number(spread.Max, format)}";
}
