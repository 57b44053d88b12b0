using System.Globalization;

using Spectre.Console;

namespace ChatClient;

/// <summary>
/// The terminal: lines scroll, and the one that is typed stays in the last row. For one thread. Every change goes out in one write, so that
/// nothing flickers.
/// </summary>
internal sealed class Screen(TextWriter terminal, Func<int> columns)
{
    private const string ClearRow = "\r\u001b[K";
    private const string PasteMarksOn = "\u001b[?2004h";
    private const string PasteMarksOff = "\u001b[?2004l";

    private string _prompt = "";
    private string _line = "";
    private int _cursor;

    /// <summary>Begins.</summary>
    public void Open() => Write(PasteMarksOn);

    /// <summary>Leaves the terminal as it was, the cursor in an empty row.</summary>
    public void Close() => Write(ClearRow + PasteMarksOff);

    /// <summary>Adds what happened.</summary>
    public void Add(ChatLine line) => Write(ClearRow + Rendered(Parts(line)) + "\r\n" + EditedRow());

    /// <summary>Adds a word of the program's own.</summary>
    public void AddNote(string text) => Write(ClearRow + Rendered([($"-- {text}", new Style(Color.Grey))]) + "\r\n" + EditedRow());

    /// <summary>Shows the line that is typed.</summary>
    public void Edit(string prompt, string line, int cursor)
    {
        (_prompt, _line, _cursor) = (prompt, line, cursor);
        Write(ClearRow + EditedRow());
    }

    // Laid out each time: the terminal may have been resized. What does not fit into one row could not be cleared.
    private string EditedRow()
    {
        var width = Math.Max(4, columns());
        var prompt = CellWidth.Of(_prompt) <= width / 2 ? _prompt : EditRow.Of(_prompt, 0, width / 2).Text;
        var promptWidth = CellWidth.Of(prompt);
        var row = EditRow.Of(_line, _cursor, width - promptWidth);
        return string.Create(CultureInfo.InvariantCulture, $"{prompt}{row.Text}\u001b[{promptWidth + row.Column + 1}G");
    }

    private static IEnumerable<(string Text, Style Style)> Parts(ChatLine line)
    {
        yield return ($"{line.Time} ", new Style(Color.Grey));
        if (line.Speaker is not { } speaker)
        {
            var style = line.Kind switch
            {
                ChatEventKind.Error => new Style(Color.Red),
                ChatEventKind.Announcement => new Style(decoration: Decoration.Bold),
                _ => new Style(Color.Grey, decoration: Decoration.Italic),
            };
            yield return ($"{line.Mark} {line.Text}", style);
            yield break;
        }

        yield return (line.IsOwn ? "» " : "  ", new Style(decoration: Decoration.Bold));
        yield return (speaker, new Style(SpeakerColors.Of(speaker), decoration: Decoration.Bold));
        yield return ($": {line.Text}", Style.Plain);
    }

    // As text, never as markup: brackets are brackets.
    private static string Rendered(IEnumerable<(string Text, Style Style)> parts)
    {
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(written),
        });
        // The terminal wraps: it knows best how wide its signs are, and wraps anew when it is resized.
        console.Profile.Width = int.MaxValue / 2;
        var paragraph = new Paragraph();
        foreach (var (text, style) in parts)
        {
            paragraph.Append(text, style);
        }

        console.Write(paragraph);
        return written.ToString();
    }

    private void Write(string text)
    {
        terminal.Write(text);
        terminal.Flush();
    }
}
