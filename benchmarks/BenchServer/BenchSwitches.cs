using System.CommandLine;
using System.Globalization;

using RawSocketChat;
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

    private readonly Option<TransportKind> _transport = new("--transport")
    {
        Description = "What carries the bytes; the fastest that the platform has unless given.",
        HelpName = "portable|epoll",
        CustomParser = ServerSwitches.ReadValue<TransportKind>(
            EpollLoopGroup.IsSupported ? "portable or epoll" : "portable, as this platform has no epoll",
            text => text switch
            {
                "portable" => TransportKind.Portable,
                "epoll" when EpollLoopGroup.IsSupported => TransportKind.Epoll,
                _ => null,
            }),
        DefaultValueFactory = _ => TransportKind.Automatic,
    };

    private readonly Option<string> _deflate = new("--deflate")
    {
        Description = "Compression (permessage-deflate) for clients that offer it: on, of messages of any length, with what the client allows of context takeover and windows, or off.",
        HelpName = "on|off",
        CustomParser = ServerSwitches.Read("on or off", text => text is "on" or "off" ? text : null),
        DefaultValueFactory = _ => "off",
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

    /// <summary>Whether compression is asked for.</summary>
    public bool Deflates(ParseResult parsed) => parsed.GetValue(_deflate) == "on";

    /// <summary>The transport asked for.</summary>
    public TransportKind Transport(ParseResult parsed) => parsed.GetValue(_transport);
}
