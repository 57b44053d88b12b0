using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using BareTcp;

// The floor: what the same bytes cost on the framework's sockets when nothing is checked, limited, logged or offered.
var port = args is ["--port", var text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 0;
using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
listener.Listen(ushort.MaxValue);

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(0));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(0));
Console.WriteLine($"listening on ws://{listener.LocalEndPoint}/");

var members = new Members();
while (true)
{
    _ = new Connection(await listener.AcceptAsync(), members).RunAsync();
}
