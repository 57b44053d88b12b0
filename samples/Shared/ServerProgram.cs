using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawSocketChat.Samples;

/// <summary>A server as a program: says when it is ready, stops on SIGINT and SIGTERM.</summary>
internal static class ServerProgram
{
    /// <summary>Runs a server until a signal comes.</summary>
    /// <returns>The exit status: 0.</returns>
    /// <exception cref="SwitchException">The address cannot be listened on.</exception>
    public static async Task<int> RunAsync(WebSocketServer server, WebSocketHandler handler, IPEndPoint asked, bool tls)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            await server.StartAsync(handler);
        }
        catch (SocketException failure)
        {
            throw new SwitchException(failure.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"--port: {asked.Port} is in use already on {asked.Address}; choose another."
                : $"--address, --port: cannot listen on {asked}: {failure.Message}.");
        }

        Console.WriteLine($"listening on {(tls ? "wss" : "ws")}://{server.LocalEndPoint}/");
        await stop.Task;
        await server.StopAsync();
        return 0;

        void OnSignal(PosixSignalContext context)
        {
            // The signal's own effect would end the process before the clients are told.
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
