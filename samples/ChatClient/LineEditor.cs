using System.Globalization;
using System.Text;

using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>
/// The line that is being typed: takes keys, gives text and cursor, knows no terminal. The cursor stands between grapheme clusters and
/// whatever is deleted is deleted whole.
/// </summary>
/// <remarks>
/// A terminal that is asked to (DEC mode 2004) puts a paste between ESC [200~ and ESC [201~, which arrive key by key: between them a line
/// break is part of the text, so that a paste of several lines is one message.
/// </remarks>
internal sealed class LineEditor
{
    private const string PasteBegins = "[200~";
    private const string PasteEnds = "[201~";
    private const int MaxHistory = 100;

    // In UTF-16 units: longer ones are refused by the server in any case.
    private const int MaxLength = ChatRules.MaxTextBytes;

    private readonly List<string> _history = [];
    private readonly StringBuilder _escape = new();

    private string _draft = "";
    private int _historyAt;
    private bool _isInEscape;
    private bool _isPasting;
    private bool _isFull;
    private char _highSurrogate;

    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where the next character goes: an index into <see cref="Text"/>.</summary>
    public int Cursor { get; private set; }

    /// <summary>Takes a key.</summary>
    public Editing Take(ConsoleKeyInfo key)
    {
        if (TakeEscape(key))
        {
            return Editing.Goes;
        }

        if (_isPasting)
        {
            return Insert(key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n' ? '\n' : key.KeyChar);
        }

        // Control and Alt together are AltGr on some systems, which types letters.
        return key.Modifiers.HasFlag(ConsoleModifiers.Control) && !key.Modifiers.HasFlag(ConsoleModifiers.Alt)
            ? TakeControl(key.Key)
            : TakePlain(key);
    }

    /// <summary>Clears the line and remembers it.</summary>
    public void Accept()
    {
        if (Text.Length > 0 && (_history.Count == 0 || _history[^1] != Text))
        {
            _history.Add(Text);
            if (_history.Count > MaxHistory)
            {
                _history.RemoveAt(0);
            }
        }

        _historyAt = _history.Count;
        Set("");
    }

    private bool TakeEscape(ConsoleKeyInfo key)
    {
        if (!_isInEscape)
        {
            // A terminal's input may be cut behind its first two characters, which then are Alt and a bracket.
            var isAltBracket = key.Modifiers.HasFlag(ConsoleModifiers.Alt) && key.KeyChar == '[';
            _isInEscape = key.Key == ConsoleKey.Escape || isAltBracket;
            _escape.Clear().Append(isAltBracket ? "[" : "");
            return _isInEscape;
        }

        _escape.Append(key.KeyChar);
        var taken = _escape.ToString();
        if (taken is PasteBegins or PasteEnds)
        {
            _isPasting = taken == PasteBegins;
            _isInEscape = false;
            return true;
        }

        if (PasteBegins.StartsWith(taken, StringComparison.Ordinal) || PasteEnds.StartsWith(taken, StringComparison.Ordinal))
        {
            return true;
        }

        // It was no mark: what was held back is text, and this key is what it is: perhaps where a mark begins.
        _isInEscape = false;
        foreach (var character in taken.AsSpan(0, taken.Length - 1))
        {
            Insert(character);
        }

        return TakeEscape(key);
    }

    private Editing TakeControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.C or ConsoleKey.D:
                return Editing.Quits;
            case ConsoleKey.A:
                Cursor = 0;
                break;
            case ConsoleKey.E:
                Cursor = Text.Length;
                break;
            case ConsoleKey.U:
                Remove(0, Cursor);
                break;
            case ConsoleKey.W:
                Remove(WordStart(), Cursor);
                break;
            case ConsoleKey.H:
                Remove(Previous(), Cursor);
                break;
            case ConsoleKey.J or ConsoleKey.M:
                return Editing.Submits;
            default:
                break;
        }

        return Editing.Goes;
    }

    private Editing TakePlain(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Editing.Submits;
            case ConsoleKey.LeftArrow:
                Cursor = Previous();
                break;
            case ConsoleKey.RightArrow:
                Cursor = Next();
                break;
            case ConsoleKey.Home:
                Cursor = 0;
                break;
            case ConsoleKey.End:
                Cursor = Text.Length;
                break;
            case ConsoleKey.Backspace:
                Remove(Previous(), Cursor);
                break;
            case ConsoleKey.Delete:
                Remove(Cursor, Next());
                break;
            case ConsoleKey.UpArrow:
                Recall(_historyAt - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_historyAt + 1);
                break;
            default:
                return Insert(key.KeyChar);
        }

        return Editing.Goes;
    }

    // A character beyond the basic plane arrives as two keys.
    private Editing Insert(char character)
    {
        if (char.IsHighSurrogate(character))
        {
            _highSurrogate = character;
            return Editing.Goes;
        }

        var inserted = char.IsLowSurrogate(character)
            ? char.IsHighSurrogate(_highSurrogate) ? $"{_highSurrogate}{character}" : ""
            : character == '\t' ? " " : !char.IsControl(character) || character == '\n' ? $"{character}" : "";
        _highSurrogate = default;
        if (Text.Length + inserted.Length > MaxLength)
        {
            var isNews = !_isFull;
            _isFull = true;
            return isNews ? Editing.Overflows : Editing.Goes;
        }

        var tail = Text.Length - Cursor;
        Text = Text.Insert(Cursor, inserted);
        SetCursor(Text.Length - tail);
        return Editing.Goes;
    }

    // A character that joins the one behind it would leave the cursor within a cluster.
    private void SetCursor(int at)
    {
        Cursor = at;
        while (Cursor < Text.Length && !ClusterStarts().Contains(Cursor))
        {
            Cursor++;
        }
    }

    private void Remove(int from, int to)
    {
        Text = Text.Remove(from, to - from);
        _isFull = false;
        SetCursor(from);
    }

    private void Recall(int at)
    {
        if (at < 0 || at > _history.Count)
        {
            return;
        }

        _draft = _historyAt == _history.Count ? Text : _draft;
        _historyAt = at;
        Set(at == _history.Count ? _draft : _history[at]);
    }

    private void Set(string text)
    {
        Text = text;
        _isFull = false;
        Cursor = text.Length;
    }

    private int Previous() => ClusterStarts().LastOrDefault(start => start < Cursor);

    private int Next() => Cursor + StringInfo.GetNextTextElementLength(Text.AsSpan(Cursor));

    private int[] ClusterStarts() => StringInfo.ParseCombiningCharacters(Text);

    private int WordStart()
    {
        var at = Cursor;
        while (at > 0 && char.IsWhiteSpace(Text[at - 1]))
        {
            at--;
        }

        while (at > 0 && !char.IsWhiteSpace(Text[at - 1]))
        {
            at--;
        }

        return at;
    }
}
