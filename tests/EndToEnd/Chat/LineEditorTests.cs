extern alias client;

using client::ChatClient;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class LineEditorTests
{
    [TestCase("👨‍👩‍👧")]
    [TestCase("e\u0301")]
    [TestCase("🇨🇳")]
    [TestCase("中")]
    public void A_grapheme_cluster_is_passed_and_deleted_whole(string cluster)
    {
        var editor = new LineEditor();
        Type(editor, "a" + cluster + "b");

        Press(editor, ConsoleKey.LeftArrow, ConsoleKey.LeftArrow);
        editor.Cursor.Should().Be(1);
        Press(editor, ConsoleKey.Delete);
        editor.Text.Should().Be("ab");

        Type(editor, cluster);
        Press(editor, ConsoleKey.Backspace);
        editor.Text.Should().Be("ab");
        editor.Cursor.Should().Be(1);
    }

    [Test]
    public void The_keys_of_a_line_editor_do_what_they_do_elsewhere()
    {
        var editor = new LineEditor();
        Type(editor, "one two 三");
        Press(editor, ConsoleKey.Home);
        editor.Cursor.Should().Be(0);
        Press(editor, ConsoleKey.Backspace, ConsoleKey.LeftArrow);
        Press(editor, ConsoleKey.End, ConsoleKey.RightArrow, ConsoleKey.Delete);
        editor.Cursor.Should().Be(9);

        Control(editor, ConsoleKey.W);
        editor.Text.Should().Be("one two ");
        Control(editor, ConsoleKey.W);
        editor.Text.Should().Be("one ");
        Control(editor, ConsoleKey.U);
        editor.Text.Should().BeEmpty();
        Control(editor, ConsoleKey.C).Should().Be(Editing.Quits);
        Control(editor, ConsoleKey.D).Should().Be(Editing.Quits);
    }

    [Test]
    public void The_history_goes_up_and_comes_back_to_the_line_that_was_begun()
    {
        var editor = new LineEditor();
        Type(editor, "first");
        editor.Accept();
        Type(editor, "second");
        editor.Accept();
        Type(editor, "begun");

        Press(editor, ConsoleKey.UpArrow);
        editor.Text.Should().Be("second");
        Press(editor, ConsoleKey.UpArrow, ConsoleKey.UpArrow);
        editor.Text.Should().Be("first");
        Press(editor, ConsoleKey.DownArrow, ConsoleKey.DownArrow, ConsoleKey.DownArrow);
        editor.Text.Should().Be("begun");
    }

    [Test]
    public void A_paste_of_several_lines_is_one_text()
    {
        var editor = new LineEditor();
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        Type(editor, "[200~one\rtwo");
        editor.Take(Key(ConsoleKey.Enter, '\r')).Should().Be(Editing.Goes);
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        Type(editor, "[201~");

        editor.Text.Should().Be("one\ntwo\n");
        editor.Take(Key(ConsoleKey.Enter, '\r')).Should().Be(Editing.Submits);
    }

    [Test]
    public void Behind_an_escape_that_begins_nothing_keys_are_what_they_are()
    {
        var editor = new LineEditor();
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        Type(editor, "[20x");

        editor.Text.Should().Be("[20x");
    }

    [Test]
    public void A_paste_behind_a_lone_escape_is_a_paste()
    {
        var editor = new LineEditor();
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        Type(editor, "[200~one");
        editor.Take(Key(ConsoleKey.Enter, '\r')).Should().Be(Editing.Goes, "it is a line break of the paste");
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        editor.Take(Key(ConsoleKey.Escape, '\u001b'));
        Type(editor, "[201~");

        editor.Text.Should().Be("one\n");
        editor.Take(Key(ConsoleKey.Enter, '\r')).Should().Be(Editing.Submits);
    }

    [Test]
    public void A_letter_that_a_keyboard_makes_with_AltGr_is_a_letter()
    {
        var editor = new LineEditor();

        editor.Take(new('ć', ConsoleKey.C, shift: false, alt: true, control: true)).Should().Be(Editing.Goes);

        editor.Text.Should().Be("ć");
    }

    [Test]
    public void A_line_is_no_longer_than_the_server_takes_and_that_is_told_once()
    {
        var editor = new LineEditor();
        Type(editor, new('x', 4096));

        editor.Take(Key(ConsoleKey.None, 'y')).Should().Be(Editing.Overflows);
        Type(editor, "yyy");
        editor.Text.Should().Be(new string('x', 4096));

        Press(editor, ConsoleKey.Backspace);
        Type(editor, "z");
        editor.Text.Should().EndWith("xz");
        editor.Take(Key(ConsoleKey.None, 'y')).Should().Be(Editing.Overflows);
    }

    [Test]
    public void Control_characters_and_half_a_surrogate_pair_are_no_text()
    {
        var editor = new LineEditor();
        Type(editor, "a\u0007\u009b\udc00b\ud83d");

        editor.Text.Should().Be("ab");
    }

    [TestCase("hello", 5, 10, "hello", 5)]
    [TestCase("hello", 2, 10, "hello", 2)]
    [TestCase("0123456789", 10, 5, "6789", 4)]
    [TestCase("0123456789", 0, 5, "0123", 0)]
    [TestCase("中文中文", 4, 6, "中文", 4)]
    [TestCase("👨‍👩‍👧x", 9, 10, "👨‍👩‍👧x", 3)]
    [TestCase("a\nb", 3, 10, "a⏎b", 3)]
    [TestCase("a\u202eb", 3, 20, @"a\u202eb", 8)]
    public void A_row_shows_the_part_of_the_line_around_the_cursor(string line, int cursor, int columns, string text, int column) =>
        EditRow.Of(line, cursor, columns).Should().Be(new EditRow(text, column));

    private static void Type(LineEditor editor, string text)
    {
        foreach (var character in text)
        {
            editor.Take(Key(ConsoleKey.None, character)).Should().Be(Editing.Goes);
        }
    }

    private static void Press(LineEditor editor, params ConsoleKey[] keys)
    {
        foreach (var key in keys)
        {
            editor.Take(Key(key, '\0')).Should().Be(Editing.Goes);
        }
    }

    private static Editing Control(LineEditor editor, ConsoleKey key) => editor.Take(new('\0', key, shift: false, alt: false, control: true));

    private static ConsoleKeyInfo Key(ConsoleKey key, char character) => new(character, key, shift: false, alt: false, control: false);
}
