using System.Net.Security;
using System.Runtime.InteropServices;
using System.Text;

using ChatClient;

using RawSocketChat;
using RawSocketChat.Samples;

var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
Console.OutputEncoding = utf8;
return await ChatClientSwitches.RunAsync(args, Console.Out, Console.Error, RunAsync);

async Task<int> RunAsync(ChatClientSwitches switches)
{
    var options = new WebSocketClientOptions { Tls = switches.Insecure ? AnyCertificate() : null };
    if (switches.Insecure)
    {
        await Console.Error.WriteLineAsync("warning: --insecure: the server's certificate is not checked; anybody may be reading along");
    }

    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
    return await (Console.IsInputRedirected || Console.IsOutputRedirected
        ? RunPlainAsync(switches, options, stop.Token)
        : RunInteractiveAsync(switches, options, stop.Token));

    void Stop(PosixSignalContext context)
    {
        if (stop.IsCancellationRequested)
        {
            // The second one ends the process.
            return;
        }

        // The signal's own effect would end the process before the server is told.
        context.Cancel = true;
        stop.Cancel();
        _ = ExitAfterAsync(TimeSpan.FromSeconds(10));
    }
}

async Task<int> RunPlainAsync(ChatClientSwitches switches, WebSocketClientOptions options, CancellationToken stop)
{
    using var input = new StreamReader(Console.OpenStandardInput(), utf8);
    var view = new PlainChat(input, Console.Out, Console.Error, switches.Server, TimeProvider.System);
    await using var chat = new ChatConnection(switches.Server, options, maxWaiting: 1, switches.Name, view);
    var reading = chat.RunAsync();
    using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
    var hasLost = false;
    try
    {
        var saying = view.SayAllAsync(chat, over.Token);
        await Task.WhenAny(saying, reading);
        await over.CancelAsync();
        hasLost = !await saying;
    }
    catch (Exception failure) when (failure is OperationCanceledException or NotConnectedException)
    {
        // A signal, or the server has refused for good, which is told next.
    }

    if (reading is { IsFaulted: true, Exception.InnerException: IOException failed })
    {
        throw new SwitchException($"standard output: {failed.Message}");
    }

    ThrowWhereRefused(chat, switches);
    return hasLost ? 1 : 0;
}

async Task<int> RunInteractiveAsync(ChatClientSwitches switches, WebSocketClientOptions options, CancellationToken stop)
{
    // Ctrl+C is a key like any other, so that the line is cleared and the terminal given back.
    Console.TreatControlCAsInput = true;
    var screen = new Screen(Console.Out, () => Console.WindowWidth);
    var view = new InteractiveChat(screen, switches.Server, switches.Name, TimeProvider.System);
    await using var chat = new ChatConnection(switches.Server, options, maxWaiting: 0, switches.Name, view);
    using var leaving = stop.UnsafeRegister(_ => view.Leave(), null);

    // The read of a key cannot be cancelled: its thread ends with the process.
    new Thread(() => PressKeys(view)) { IsBackground = true, Name = "keys" }.Start();
    var reading = EndWithAsync(chat.RunAsync(), view);
    try
    {
        await view.RunAsync(chat);
    }
    catch (IOException)
    {
        // The terminal is gone; there is nobody to tell.
        return 1;
    }

    ThrowWhereRefused(chat, switches);
    await chat.DisposeAsync();
    await reading;
    return 0;
}

static void PressKeys(InteractiveChat view)
{
    try
    {
        while (true)
        {
            view.PressAsync(Console.ReadKey(intercept: true)).AsTask().Wait();
        }
    }
    catch (Exception failure) when (failure is IOException or InvalidOperationException)
    {
        // The terminal has hung up.
        view.Leave();
    }
}

static async Task EndWithAsync(Task reading, InteractiveChat view)
{
    try
    {
        await reading;
    }
    finally
    {
        view.Leave();
    }
}

// A terminal that takes nothing holds up whoever writes to it for ever.
static async Task ExitAfterAsync(TimeSpan grace)
{
    await Task.Delay(grace);
    Environment.Exit(1);
}

static void ThrowWhereRefused(ChatConnection chat, ChatClientSwitches switches)
{
    if (chat.End is { } cause)
    {
        throw new SwitchException($"{Rendering.Place(switches.Server)}: {cause}");
    }
}

static SslClientAuthenticationOptions AnyCertificate() => new()
{
#pragma warning disable CA5359 // That is what the switch asks for, and the warning tells.
    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
};
