using System.Globalization;
using System.Text;

using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>The part of a line that fits into one row of the terminal, around its cursor.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Column">The column of the cursor within it, from 0.</param>
internal readonly record struct EditRow(string Text, int Column)
{
    /// <summary>Lays a line out on at most <paramref name="columns"/> columns, the cursor's own included.</summary>
    public static EditRow Of(string line, int cursor, int columns)
    {
        var before = Shown(line.AsSpan(0, cursor));
        var start = before.Count;
        var column = 0;
        while (start > 0 && column + CellWidth.Of(before[start - 1]) < columns)
        {
            column += CellWidth.Of(before[--start]);
        }

        var text = new StringBuilder().AppendJoin("", before.Skip(start));
        var width = column;
        foreach (var cluster in Shown(line.AsSpan(cursor)))
        {
            width += CellWidth.Of(cluster);
            if (width >= columns)
            {
                break;
            }

            text.Append(cluster);
        }

        return new(text.ToString(), column);
    }

    private static List<string> Shown(ReadOnlySpan<char> line)
    {
        var clusters = new List<string>();
        while (!line.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(line);
            clusters.Add(line[0] == '\n' ? "⏎" : LogText.OneLine(line[..length].ToString()));
            line = line[length..];
        }

        return clusters;
    }
}
