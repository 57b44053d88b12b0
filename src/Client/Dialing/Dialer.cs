using System.Net;
using System.Net.Sockets;

namespace RawSocketChat.Dialing;

/// <summary>Makes TCP connections: resolves the name, races the addresses. Or asks the options' callback for something else.</summary>
internal sealed class Dialer(WebSocketClientOptions options)
{
    /// <summary>Connects.</summary>
    /// <param name="host">A name, or an address without brackets.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the attempt, wherever it is.</param>
    /// <returns>The transport; the caller owns it.</returns>
    /// <exception cref="WebSocketHandshakeException">The name has no address, or no address takes the connection.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Transport> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (options.ConnectCallback is { } callback)
        {
            return await CallBackAsync(callback, new(host, port), cancellationToken).ConfigureAwait(false);
        }

        var addresses = await ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        var socket = await RaceAsync(addresses, host, port, cancellationToken).ConfigureAwait(false);
        try
        {
            return IsOnLoops
                ? EpollLoopGroup.Shared.Add(socket, inline: !options.HandlersMayBlock, options.BufferPool)
                : new SocketTransport(socket, options.BufferPool);
        }
        catch (SocketException gone)
        {
            socket.Dispose();
            throw NotConnected(host, port, gone);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsOnLoops => EpollLoopGroup.IsWanted(options.Transport);

    private static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            // The system's call cannot be cancelled everywhere: it is left behind then.
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).OrLeaveBehindAsync(cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0
                ? ConnectionRace.Interleave(addresses)
                : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            throw new WebSocketHandshakeException(
                WebSocketHandshakeFault.NameResolution, $"The name {host} could not be resolved: {failure.Message}", failure);
        }
    }

    private async Task<Socket> RaceAsync(IReadOnlyList<IPAddress> addresses, string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectionRace.RunAsync(
                addresses, (address, token) => ConnectAsync(address, port, token), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            throw NotConnected(host, port, failure);
        }
    }

    private async Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var endPoint = new IPEndPoint(address, port);
            await (IsOnLoops ? EpollLoopGroup.Shared.ConnectAsync(socket, endPoint, cancellationToken) : socket.ConnectAsync(endPoint, cancellationToken).AsTask())
                .ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Transport> CallBackAsync(
        Func<DnsEndPoint, CancellationToken, ValueTask<Transport>> callback, DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            var made = callback(endPoint, cancellationToken).AsTask();
            return await made.OrLeaveBehindAsync(cancellationToken, left => left.DisposeAsync()).ConfigureAwait(false)
                ?? throw new IOException($"{nameof(WebSocketClientOptions.ConnectCallback)} returned null.");
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            throw NotConnected(endPoint.Host, endPoint.Port, failure);
        }
    }

    private static WebSocketHandshakeException NotConnected(string host, int port, Exception failure) =>
        new(WebSocketHandshakeFault.Connect, $"{host}, port {port}, could not be connected to: {failure.Message}", failure);
}
