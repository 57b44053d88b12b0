using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using BareTcp;

// The floor: what the same bytes cost when nothing is checked, limited, logged or offered. On the framework's sockets, or by epoll alone.
var byEpoll = false;
var port = 0;
for (var i = 0; i < args.Length; i += 2)
{
    switch (args[i], args.ElementAtOrDefault(i + 1))
    {
        case ("--transport", "sockets" or "epoll"):
            byEpoll = args[i + 1] == "epoll";
            break;
        case ("--port", var text) when ushort.TryParse(text, CultureInfo.InvariantCulture, out var value):
            port = value;
            break;
        default:
            Console.Error.WriteLine($"{args[i]}: \"{args.ElementAtOrDefault(i + 1)}\" is not known.");
            return 1;
    }
}

using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
listener.Listen(ushort.MaxValue);

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(0));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(0));
Console.WriteLine($"listening on ws://{listener.LocalEndPoint}/");
if (byEpoll)
{
    new EpollServer(listener).Run();
}

var members = new Members();
while (true)
{
    _ = new Connection(await listener.AcceptAsync(), members).RunAsync();
}
