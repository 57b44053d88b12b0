using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace ChatHost;

/// <summary>What the command line asks for.</summary>
internal sealed record ChatHostSwitches
{
    public required IPAddress Address { get; init; }

    public required int Port { get; init; }

    /// <summary>Null: never.</summary>
    public required TimeSpan? AnnounceEvery { get; init; }

    public required TimeSpan AnnounceJitter { get; init; }

    public required string AnnounceText { get; init; }

    /// <summary>A PKCS #12 file without a password: the certificate with its key, and the chain up to a known root. Null: no TLS.</summary>
    public required string? TlsCertificateFile { get; init; }

    /// <summary>Reads the command line and runs <paramref name="run"/> with it; answers <c>--help</c> itself.</summary>
    /// <returns>The exit status: 1, after one line on <paramref name="errors"/>, where a switch is wrong.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter errors, Func<ChatHostSwitches, Task<int>> run)
    {
        var address = new Option<IPAddress>("--address")
        {
            Description = "The address to listen on; 0.0.0.0 or :: for all.",
            HelpName = "ADDRESS",
            CustomParser = Read("an IP address", text => IPAddress.TryParse(text, out var value) ? value : null),
            DefaultValueFactory = _ => IPAddress.Loopback,
        };
        var port = new Option<int>("--port")
        {
            Description = "The port to listen on; 0 for any free one.",
            HelpName = "PORT",
            CustomParser = ReadValue<int>("a port from 0 to 65535", text => ReadPort(text)),
            DefaultValueFactory = _ => 8081,
        };
        var every = new Option<double>("--announce-every")
        {
            Description = "Seconds from one announcement to the next; 0 for none.",
            HelpName = "SECONDS",
            CustomParser = ReadValue<double>("a number of seconds from 0 to 86400", text => ReadSeconds(text)),
            DefaultValueFactory = _ => 10,
        };
        var jitter = new Option<double>("--announce-jitter")
        {
            Description = "Seconds that an announcement may be late at most, at random.",
            HelpName = "SECONDS",
            CustomParser = ReadValue<double>("a number of seconds from 0 to 86400", text => ReadSeconds(text)),
            DefaultValueFactory = _ => 3,
        };
        var announcement = new Option<string>("--announce-text")
        {
            Description = "What an announcement says.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "来自服务器的消息",
        };
        var certificate = new Option<string?>("--tls-cert")
        {
            Description = "Serve wss:// and https:// with the certificate, key and chain in this PKCS #12 file (no password).",
            HelpName = "FILE.pfx",
        };
        // A string: after a bool option the parser takes no other words than true and false.
        var deflate = new Option<string>("--deflate")
        {
            Description = "Compression: on or off. Accepted but without effect for now: no extension is negotiated yet.",
            HelpName = "on|off",
            CustomParser = Read("on or off", text => text is "on" or "off" ? text : null),
        };

        var command = new RootCommand("A chat over WebSocket, with its page, on one port.")
        {
            address, port, every, jitter, announcement, certificate, deflate,
        };
        command.SetAction(parsed => run(new ChatHostSwitches
        {
            Address = parsed.GetValue(address)!,
            Port = parsed.GetValue(port),
            AnnounceEvery = parsed.GetValue(every) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
            AnnounceJitter = TimeSpan.FromSeconds(parsed.GetValue(jitter)),
            AnnounceText = parsed.GetValue(announcement)!,
            TlsCertificateFile = parsed.GetValue(certificate),
        }));

        var result = command.Parse(arguments);
        if (result.Errors is [var first, ..])
        {
            await errors.WriteLineAsync(LogText.OneLine(first.Message));
            return 1;
        }

        return await result.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = errors,
            ProcessTerminationTimeout = null, // The host stops on signals in its own way.
        });
    }

    private static int? ReadPort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? ReadSeconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 86400 ? value : null;

    private static Func<ArgumentResult, T?> Read<T>(string expected, Func<string, T?> read)
        where T : class =>
        result => read(result.Tokens[0].Value) ?? Wrong<T>(result, expected);

    private static Func<ArgumentResult, T> ReadValue<T>(string expected, Func<string, T?> read)
        where T : struct =>
        result => read(result.Tokens[0].Value) ?? Wrong<T>(result, expected);

    private static T? Wrong<T>(ArgumentResult result, string expected)
    {
        result.AddError($"{((OptionResult)result.Parent!).Option.Name}: \"{result.Tokens[0].Value}\" is not {expected}.");
        return default;
    }
}
