using System.Threading.Channels;

using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>
/// The chat for a person: keys, messages and states are taken one at a time, so that only one thread ever writes to the screen, and keys before
/// all else. What comes faster than it can be shown is left with the server.
/// </summary>
internal sealed class InteractiveChat(Screen screen, Uri server, string? name, TimeProvider clock) : IChatView
{
    private const string Help = "/name NEW: another name   /quit, Ctrl+C, Ctrl+D: leave   //text: says /text   Up, Down: what you said before";

    private readonly Channel<Action> _turns = Channel.CreateBounded<Action>(64);
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateBounded<ConsoleKeyInfo>(1024);

    // One for each turn and each key, and one for the end.
    private readonly Channel<bool> _news = Channel.CreateUnbounded<bool>();
    private readonly LineEditor _editor = new();

    private ReconnectStatus _status = new(ReconnectState.Idle, 0, TimeSpan.Zero, null, null);
    private string? _name = name;
    private long? _id;
    private ChatConnection? _chat;
    private volatile bool _hasLeft;

    /// <inheritdoc/>
    public ValueTask ShowAsync(ChatEvent told) => PassOnAsync(_turns, () =>
    {
        Learn(told);
        screen.Add(Rendering.Line(told, clock));
    });

    /// <inheritdoc/>
    public ValueTask ShowStateAsync(ReconnectStatus status) => PassOnAsync(_turns, () =>
    {
        _status = status;
        if (Rendering.State(status, server) is { } text)
        {
            screen.AddNote(text);
        }
    });

    /// <summary>Takes a key, from any thread; done when there is room for the next.</summary>
    public ValueTask PressAsync(ConsoleKeyInfo key) => PassOnAsync(_keys, key);

    /// <summary>Ends the chat, from any thread: what is not shown yet never is.</summary>
    public void Leave()
    {
        _hasLeft = true;
        _turns.Writer.TryComplete();
        _keys.Writer.TryComplete();
        _news.Writer.TryWrite(true);
    }

    /// <summary>Runs until the person leaves.</summary>
    public async Task RunAsync(ChatConnection chat)
    {
        _chat = chat;
        screen.Open();
        try
        {
            screen.AddNote("/help tells what there is");
            while (!_hasLeft)
            {
                if (_keys.Reader.TryRead(out var key))
                {
                    Take(key);
                }
                else if (_turns.Reader.TryRead(out var turn))
                {
                    turn();
                }

                // A paste is drawn once, not key by key.
                if (_keys.Reader.Count == 0)
                {
                    screen.Edit(Rendering.Prompt(_status, _name), _editor.Text, _editor.Cursor);
                }

                await _news.Reader.ReadAsync();
            }
        }
        finally
        {
            screen.Close();
        }
    }

    private async ValueTask PassOnAsync<T>(Channel<T> channel, T item)
    {
        try
        {
            await channel.Writer.WriteAsync(item);
            _news.Writer.TryWrite(true);
        }
        catch (ChannelClosedException)
        {
            // Nobody looks any more.
        }
    }

    private void Take(ConsoleKeyInfo key)
    {
        switch (_editor.Take(key))
        {
            case Editing.Submits:
                Submit(_editor.Text);
                break;
            case Editing.Quits:
                Leave();
                break;
            case Editing.Overflows:
                screen.AddNote("the line takes no more");
                break;
            default:
                break;
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
}
