using System.CommandLine;
using System.Runtime.InteropServices;

using RawSocketChat;
using RawSocketChat.Samples;

// Sends each line of standard input and prints what comes back; or, with --cases, is what a conformance server tests.
var url = new Option<Uri>("--url")
{
    Description = "The server.",
    HelpName = "URL",
    CustomParser = ServerSwitches.Read(
        "a ws:// or wss:// URL", text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss" ? uri : null),
    DefaultValueFactory = _ => new("ws://127.0.0.1:9001"),
};
var cases = new Option<string?>("--cases")
{
    Description = "Answer the cases of the conformance server there, under this name.",
    HelpName = "AGENT",
};
var deflate = new Option<string>("--deflate")
{
    Description = "Offer compression (permessage-deflate), with context takeover and any window: on or off.",
    HelpName = "on|off",
    CustomParser = ServerSwitches.Read("on or off", text => text is "on" or "off" ? text : null),
    DefaultValueFactory = _ => "on",
};
var command = new RootCommand("A WebSocket client that echoes, or is echoed to.") { url, cases, deflate };
command.SetAction(async parsed =>
{
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    try
    {
        var server = parsed.GetValue(url)!;
        var offer = parsed.GetValue(deflate) == "on" ? new DeflateOptions { ServerContextTakeover = true, ClientContextTakeover = true } : null;
        await (parsed.GetValue(cases) is { } agent
            ? new ConformanceCases(server, agent, offer).RunAsync(stop.Token)
            : EchoLines.RunAsync(server, offer, stop.Token));
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        // As asked for.
    }
    catch (WebSocketHandshakeException failure)
    {
        throw new SwitchException($"--url: {failure.Message}");
    }

    return 0;

    void Stop(PosixSignalContext context)
    {
        // The signal's own effect would end the process before the server is told.
        context.Cancel = true;
        stop.Cancel();
    }
});
return await ServerSwitches.RunAsync(command, args, Console.Out, Console.Error);
