using System.CommandLine;
using System.Globalization;
using System.Net;
using RawSocketChat.Samples;

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

    /// <summary>Whether messages are compressed for clients that offer it.</summary>
    public required bool Deflates { get; init; }

    /// <summary>Reads the command line and runs <paramref name="run"/> with it; answers <c>--help</c> itself.</summary>
    /// <returns>The exit status: 1, after one line on <paramref name="errors"/>, where a switch is wrong.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter errors, Func<ChatHostSwitches, Task<int>> run)
    {
        var common = new ServerSwitches(defaultPort: 8081);
        var every = new Option<double>("--announce-every")
        {
            Description = "Seconds from one announcement to the next; 0 for none.",
            HelpName = "SECONDS",
            CustomParser = ServerSwitches.ReadValue<double>("a number of seconds from 0 to 86400", text => ReadSeconds(text)),
            DefaultValueFactory = _ => 10,
        };
        var jitter = new Option<double>("--announce-jitter")
        {
            Description = "Seconds that an announcement may be late at most, at random.",
            HelpName = "SECONDS",
            CustomParser = ServerSwitches.ReadValue<double>("a number of seconds from 0 to 86400", text => ReadSeconds(text)),
            DefaultValueFactory = _ => 3,
        };
        var announcement = new Option<string>("--announce-text")
        {
            Description = "What an announcement says.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "来自服务器的消息",
        };
        var command = new RootCommand("A chat over WebSocket, with its page, on one port.")
        {
            every, jitter, announcement,
        };
        common.AddTo(command);
        command.SetAction(parsed => run(new ChatHostSwitches
        {
            Address = common.Address(parsed),
            Port = common.Port(parsed),
            AnnounceEvery = parsed.GetValue(every) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
            AnnounceJitter = TimeSpan.FromSeconds(parsed.GetValue(jitter)),
            AnnounceText = parsed.GetValue(announcement)!,
            TlsCertificateFile = common.CertificateFile(parsed),
            Deflates = common.Deflates(parsed),
        }));

        return await ServerSwitches.RunAsync(command, arguments, output, errors);
    }

    private static double? ReadSeconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 86400 ? value : null;
}
