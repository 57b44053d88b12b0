using RawSocketChat.Load.Servers;

using ScottPlot;

namespace RawSocketChat.Load.Results;

/// <summary>The processor time a message of each server in each cell, beside the reference's.</summary>
internal static class Picture
{
    /// <summary>Draws and saves it.</summary>
    /// <returns>False where there is nothing to draw.</returns>
    public static bool Save(Report report, string file)
    {
        var rows = report.Results.Where(row => row.CpuMicrosecondsPerMessage is not null && row.RatioToReference is not null).ToArray();
        var cells = rows.Select(row => row.Cell).Distinct().Reverse().ToArray();
        var servers = report.Suite.Servers.Where(spec => rows.Any(row => row.Server == spec.Name)).ToArray();
        if (rows.Length == 0)
        {
            return false;
        }

        using var plot = new Plot();
        var colors = new ScottPlot.Palettes.ColorblindFriendly();
        for (var i = 0; i < servers.Length; i++)
        {
            var bars = rows.Where(row => row.Server == servers[i].Name).Select(row => new Bar
            {
                // The first server on top of its cell.
                Position = (Array.IndexOf(cells, row.Cell) * (servers.Length + 1)) + servers.Length - i,
                Value = row.RatioToReference!.Value,
                FillColor = colors.GetColor(i),
                LineWidth = 0,
                Label = row.RatioToReference.Value.ToString("F2", System.Globalization.CultureInfo.InvariantCulture),
            }).ToArray();
            var series = plot.Add.Bars(bars);
            series.Horizontal = true;
            series.LegendText = servers[i].Name;
            series.ValueLabelStyle.FontSize = 9;
        }

        var middle = (servers.Length + 1) / 2.0;
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. cells.Select((_, i) => (i * (servers.Length + 1)) + middle)], cells);
        plot.Axes.Margins(left: 0, bottom: 0.02, top: 0.02);
        plot.Add.VerticalLine(1, width: 1, color: Colors.Gray);
        plot.Title($"CPU a message, as a multiple of {ServerSpec.Reference}'s ({report.Effort.Name} run, {report.Date:yyyy-MM-dd}); less is better");
        plot.ShowLegend(Edge.Bottom).Alignment = Alignment.MiddleCenter;
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.SavePng(file, 1100, 160 + (cells.Length * servers.Length * 15));
        return true;
    }
}
