using System.CommandLine;

using RawSocketChat.Samples;

namespace ChatClient;

/// <summary>What the command line asks for.</summary>
/// <param name="Server">The server.</param>
/// <param name="Name">The nickname; null for the server's choice.</param>
/// <param name="Insecure">Whether any certificate of the server will do.</param>
internal sealed record ChatClientSwitches(Uri Server, string? Name, bool Insecure)
{
    /// <summary>Reads the command line and runs <paramref name="run"/> with it; answers <c>--help</c> itself.</summary>
    /// <returns>The exit status: 1, after one line on <paramref name="errors"/>, where a switch is wrong.</returns>
    public static Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter errors, Func<ChatClientSwitches, Task<int>> run)
    {
        var server = new Argument<Uri>("ADDRESS")
        {
            Description = "The chat's server, ws:// or wss://.",
            CustomParser = ServerSwitches.Read("a ws:// or wss:// URL", ReadServer),
            DefaultValueFactory = _ => new("ws://127.0.0.1:8081/"),
        };
        var name = new Option<string?>("--name") { Description = "Your nickname; the server chooses one otherwise.", HelpName = "NAME" };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && Nickname.Accept(given.Value, out var problem) is null)
            {
                result.AddError($"--name: {problem}");
            }
        });
        var insecure = new Option<bool>("--insecure") { Description = "Accept any certificate of the server: for trying things out." };
        var command = new RootCommand("A chat over WebSocket, in a terminal.") { server, name, insecure };
        command.SetAction(parsed => run(new(
            parsed.GetValue(server)!, parsed.GetValue(name) is { } given ? Nickname.Accept(given, out _) : null, parsed.GetValue(insecure))));
        return ServerSwitches.RunAsync(command, arguments, output, errors);
    }

    // The library refuses a user in the URI and a fragment.
    private static Uri? ReadServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Scheme: "ws" or "wss", Host.Length: > 0, UserInfo: "", Fragment: "" }
            ? uri
            : null;
}
