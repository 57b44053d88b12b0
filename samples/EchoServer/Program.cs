using System.CommandLine;
using System.Globalization;

using RawSocketChat;
using RawSocketChat.Samples;

// Sends every message back as it came. The server itself is the six lines in the middle; the rest is switches.
var switches = new ServerSwitches(defaultPort: 9001);
var maxMessage = new Option<int>("--max-message")
{
    Description = "The longest message that is echoed, in bytes.",
    HelpName = "BYTES",
    CustomParser = ServerSwitches.ReadValue<int>(
        "a number of bytes from 1 to 1073741824",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 1 << 30 ? value : null),
    DefaultValueFactory = _ => 64 * 1024 * 1024,
};
var command = new RootCommand("A WebSocket server that echoes every message.") { maxMessage };
switches.AddTo(command);
command.SetAction(async parsed =>
{
    var (certificate, chain) = ServerSwitches.LoadCertificate(switches.CertificateFile(parsed));
    await using var server = new WebSocketServer(new()
    {
        Address = switches.Address(parsed),
        Port = switches.Port(parsed),
        MaxMessageSize = parsed.GetValue(maxMessage),
        Deflate = switches.Deflates(parsed) ? new() { ServerContextTakeover = true, ClientContextTakeover = true } : null,
        ServerCertificate = certificate,
        ServerCertificateChain = chain,
    });
    return await ServerProgram.RunAsync(
        server,
        async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                await connection.SendAsync(message, stopping);
            }
        },
        new(switches.Address(parsed), switches.Port(parsed)),
        tls: certificate is not null);
});
return await ServerSwitches.RunAsync(command, args, Console.Out, Console.Error);
