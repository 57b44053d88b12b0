using System.CommandLine;
using System.Globalization;

using RawSocketChat.Samples;

namespace BenchServer;

/// <summary>The switches of the server under measurement.</summary>
internal sealed class BenchSwitches
{
    private readonly Option<int> _port = new("--port")
    {
        Description = "The port to listen on, on 127.0.0.1; 0 for any free one.",
        HelpName = "PORT",
        CustomParser = ServerSwitches.ReadValue<int>(
            "a port from 0 to 65535",
            text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null),
        DefaultValueFactory = _ => 0,
    };

    // Both are there before their second values are, so that scripts need not change.
    private readonly Option<string> _transport = new("--transport")
    {
        Description = "What carries the bytes.",
        HelpName = "portable",
        CustomParser = ServerSwitches.Read("portable, the only value for now", text => text is "portable" ? text : null),
    };

    private readonly Option<string> _deflate = new("--deflate")
    {
        Description = "Compression.",
        HelpName = "off",
        CustomParser = ServerSwitches.Read("off, the only value for now", text => text is "off" ? text : null),
    };

    /// <summary>Adds the switches to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_port);
        command.Add(_transport);
        command.Add(_deflate);
    }

    /// <summary>The port asked for.</summary>
    public int Port(ParseResult parsed) => parsed.GetValue(_port);
}
