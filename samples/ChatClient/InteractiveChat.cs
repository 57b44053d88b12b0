using System.Threading.Channels;

using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>
/// The chat for a person: keys, messages and states come in one at a time, so that only one thread ever writes to the screen.
/// </summary>
internal sealed class InteractiveChat(Screen screen, Uri server, string? name, TimeProvider clock) : IChatView
{
    private const string Help = "/name NEW: another name   /quit, Ctrl+C, Ctrl+D: leave   //text: says /text   Up, Down: what you said before";

    private readonly Channel<Action> _turns = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly LineEditor _editor = new();

    private ReconnectStatus _status = new(ReconnectState.Idle, 0, TimeSpan.Zero, null, null);
    private string? _name = name;
    private long? _id;
    private ChatConnection? _chat;

    public void Show(ChatEvent told) => _turns.Writer.TryWrite(() =>
    {
        Learn(told);
        screen.Add(Rendering.Line(told, clock));
        Redraw();
    });

    public void ShowState(ReconnectStatus status) => _turns.Writer.TryWrite(() =>
    {
        _status = status;
        if (Rendering.State(status, server) is { } text)
        {
            screen.AddNote(text);
        }

        Redraw();
    });

    /// <summary>Takes a key, from any thread.</summary>
    public void Press(ConsoleKeyInfo key) => _turns.Writer.TryWrite(() =>
    {
        switch (_editor.Take(key))
        {
            case Editing.Submits:
                Submit(_editor.Text);
                break;
            case Editing.Quits:
                Leave();
                break;
            default:
                break;
        }

        Redraw();
    });

    /// <summary>Ends the chat, from any thread.</summary>
    public void Leave() => _turns.Writer.TryComplete();

    /// <summary>Runs until the person leaves.</summary>
    public async Task RunAsync(ChatConnection chat)
    {
        _chat = chat;
        screen.Open();
        try
        {
            screen.AddNote("/help tells what there is");
            await foreach (var turn in _turns.Reader.ReadAllAsync())
            {
                turn();
            }
        }
        finally
        {
            screen.Close();
        }
    }

    // The name that counts is the one that the server has.
    private void Learn(ChatEvent told)
    {
        if (told.Kind == ChatEventKind.Welcome)
        {
            _id = told.MemberId;
        }

        if (told.Kind is ChatEventKind.Welcome or ChatEventKind.Rename && told.MemberId == _id)
        {
            _name = told.MemberName ?? _name;
        }
    }

    private void Submit(string line)
    {
        var text = line.Trim();
        if (text.Length == 0 || !text.StartsWith('/') || text.StartsWith("//", StringComparison.Ordinal))
        {
            Say(text.StartsWith('/') ? text[1..] : text);
            return;
        }

        var words = text.Split(' ', 2, StringSplitOptions.TrimEntries);
        switch (words[0])
        {
            case "/quit":
                Leave();
                break;
            case "/help":
                screen.AddNote(Help);
                break;
            case "/name":
                Rename(words.ElementAtOrDefault(1) ?? "");
                break;
            default:
                screen.AddNote(LogText.OneLine($"there is no command {words[0]}; /help tells what there is, //text says /text"));
                break;
        }

        _editor.Accept();
    }

    // What cannot be said stays in the line.
    private void Say(string text)
    {
        if (text.Length == 0)
        {
            _editor.Accept();
        }
        else if (_chat!.TrySay(text))
        {
            _editor.Accept();
        }
        else
        {
            screen.AddNote("not connected: the line was not sent");
        }
    }

    private void Rename(string given)
    {
        if (Nickname.Accept(given, out var problem) is not { } accepted)
        {
            screen.AddNote(LogText.OneLine(problem!));
            return;
        }

        if (!_chat!.Rename(accepted))
        {
            screen.AddNote("not connected: the server will be told the name later");
        }
    }

    private void Redraw() => screen.Edit(Rendering.Prompt(_status, _name), _editor.Text, _editor.Cursor);
}
