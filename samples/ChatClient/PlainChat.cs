using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>
/// The chat for scripts: each line of the input is said, each event is one line of the output, each state one of the errors. At the end of
/// the input it leaves when all that was said has come back.
/// </summary>
internal sealed class PlainChat(TextReader input, TextWriter output, TextWriter errors, Uri server, TimeProvider clock) : IChatView
{
    /// <summary>How long the last words may take to come back.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    private int _unanswered;
    private bool _isSending;
    private bool _atEnd;
    private bool _hasLost;

    /// <summary>Says every line, in order, each when there is a connection; returns when all is answered, or cannot be.</summary>
    /// <returns>Whether all has come back.</returns>
    public async Task<bool> SayAllAsync(ChatConnection chat, CancellationToken stop)
    {
        await chat.ConnectAsync(stop);
        var pace = new Pace(clock);
        // A console's read cannot be cancelled; it is left where it is.
        while (await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(stop) is { } line)
        {
            if (line.Length > 0)
            {
                await pace.WaitAsync(stop);
                await SayAsync(chat, line, stop);
            }
        }

        lock (_gate)
        {
            _atEnd = true;
            SettleWhereAnswered();
        }

        await Task.WhenAny(_answered.Task, Task.Delay(MaxWait, clock, stop));
        stop.ThrowIfCancellationRequested();
        lock (_gate)
        {
            GiveUp(_unanswered);
            return !_hasLost;
        }
    }

    public async ValueTask ShowAsync(ChatEvent told)
    {
        await output.WriteLineAsync(Rendering.Line(told, clock).Plain);
        await output.FlushAsync();
        if (told.IsOwn || told.Kind == ChatEventKind.Error)
        {
            lock (_gate)
            {
                // What was refused is known to have gone no further.
                _hasLost |= told.Kind == ChatEventKind.Error;
                _unanswered = Math.Max(0, _unanswered - 1);
                SettleWhereAnswered();
            }
        }
    }

    public async ValueTask ShowStateAsync(ReconnectStatus status)
    {
        if (Rendering.State(status, server) is { } text)
        {
            await errors.WriteLineAsync(text);
        }

        if (status.State is ReconnectState.Waiting or ReconnectState.Ended)
        {
            GiveUpAnswers();
        }
    }

    private async Task SayAsync(ChatConnection chat, string line, CancellationToken stop)
    {
        // Before it is sent: its answer may come at once.
        lock (_gate)
        {
            _unanswered++;
            _isSending = true;
        }

        try
        {
            await chat.SayAsync(line, stop);
        }
        catch (ConnectionClosedException)
        {
            lock (_gate)
            {
                _hasLost = true;
                _unanswered--;
            }

            await errors.WriteLineAsync(LogText.OneLine($"perhaps not sent: {line}"));
        }
        finally
        {
            lock (_gate)
            {
                _isSending = false;
            }
        }
    }

    // What was on its way when a connection ended has no answer any more; what waits for the next one still will.
    private void GiveUpAnswers()
    {
        lock (_gate)
        {
            GiveUp(_unanswered - (_isSending ? 1 : 0));
            SettleWhereAnswered();
        }
    }

    private void GiveUp(int lines)
    {
        if (lines > 0)
        {
            errors.WriteLine($"not known to have arrived: {lines} of the lines sent");
            _unanswered -= lines;
            _hasLost = true;
        }
    }

    private void SettleWhereAnswered()
    {
        if (_atEnd && _unanswered == 0)
        {
            _answered.TrySetResult();
        }
    }
}
