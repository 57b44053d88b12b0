using System.Globalization;
using System.Text;

namespace RawSocketChat.EndToEnd.Tests.Support;

/// <summary>
/// As much of a terminal as the chat client needs: rows, a cursor, carriage return, line feed, erase to the end of the row, cursor to a
/// column; colours and modes are passed over. Anything else fails the test: it would be something that the network has smuggled in.
/// </summary>
internal sealed class TerminalScreen
{
    private readonly List<string> _cells = [];
    private string _rest = "";

    /// <summary>The rows above the one with the cursor.</summary>
    public List<string> Rows { get; } = [];

    /// <summary>The row with the cursor.</summary>
    public string Row => string.Concat(_cells).TrimEnd();

    /// <summary>The column of the cursor, from 0.</summary>
    public int Column { get; private set; }

    public void Write(string text)
    {
        var left = (_rest + text).AsSpan();
        while (!left.IsEmpty)
        {
            var length = left[0] == '\u001b' ? SequenceLength(left) : char.IsControl(left[0]) ? 1 : ClusterLength(left);
            if (length == 0)
            {
                break;
            }

            Apply(left[..length].ToString());
            left = left[length..];
        }

        _rest = left.ToString();
    }

    // 0 where its end has not come yet.
    private static int SequenceLength(ReadOnlySpan<char> text)
    {
        if (text.Length > 1 && text[1] is ('=' or '>'))
        {
            return 2;
        }

        var end = text.Length < 2 ? -1 : text[2..].IndexOfAnyInRange('@', '~');
        return end < 0 ? 0 : end + 3;
    }

    private static int ClusterLength(ReadOnlySpan<char> text)
    {
        var length = StringInfo.GetNextTextElementLength(text);
        return length == text.Length && char.IsHighSurrogate(text[^1]) ? 0 : length;
    }

    private void Apply(string piece)
    {
        if (piece == "\r")
        {
            Column = 0;
        }
        else if (piece == "\n")
        {
            Rows.Add(Row);
            _cells.Clear();
        }
        else if (piece[0] == '\u001b')
        {
            ApplySequence(piece);
        }
        else
        {
            char.IsControl(piece[0]).Should().BeFalse("no other control character is for a terminal: {0:x}", (int)piece[0]);
            Put(piece);
        }
    }

    private void ApplySequence(string sequence)
    {
        if (sequence.Length == 2)
        {
            // The keypad's mode, which the runtime sets.
            return;
        }

        sequence[1].Should().Be('[', "no other sequence is written");
        switch (sequence[^1])
        {
            case 'K':
                _cells.RemoveRange(Math.Min(Column, _cells.Count), Math.Max(0, _cells.Count - Column));
                break;
            case 'G':
                Column = int.Parse(sequence.AsSpan()[2..^1], CultureInfo.InvariantCulture) - 1;
                break;
            default:
                // m: colours; h and l: modes, as of the cursor keys and of pasting.
                "mhl".Should().Contain($"{sequence[^1]}");
                break;
        }
    }

    private void Put(string cluster)
    {
        Rune.DecodeFromUtf16(cluster, out var first, out _);
        var width = first.Value is (>= 0x2e80 and <= 0xffef) or >= 0x1f300 ? 2 : 1;
        while (_cells.Count < Column + width)
        {
            _cells.Add(" ");
        }

        _cells[Column] = cluster;
        if (width == 2)
        {
            _cells[Column + 1] = "";
        }

        Column += width;
    }
}
