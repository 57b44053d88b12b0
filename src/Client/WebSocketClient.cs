using System.Runtime.ExceptionServices;

using Microsoft.Extensions.Logging;

using RawSocketChat.Dialing;
using RawSocketChat.Framing;
using RawSocketChat.Opening;

namespace RawSocketChat;

/// <summary>Opens WebSocket connections as a client (RFC 6455 §4.1) on raw TCP. For any thread.</summary>
public static class WebSocketClient
{
    private static readonly WebSocketClientOptions Defaults = new();

    /// <summary>Connects: TCP, a proxy where there is one, TLS for <c>wss</c>, the opening handshake.</summary>
    /// <param name="uri">
    /// <c>ws://</c> or <c>wss://</c>; <c>http://</c> and <c>https://</c> mean the same. Without a user and without a fragment (RFC 6455 §3).
    /// </param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt, wherever it is. A connection that is open is not affected.</param>
    /// <returns>The open connection; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The URI is none of a WebSocket, or an option is out of its bounds.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The connection could not be opened; the exception tells by what, and holds the server's answer where there was one. A redirect is such
    /// an answer: it is not followed.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<WebSocketConnection> ConnectAsync(
        Uri uri, WebSocketClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        var target = ClientTarget.Of(uri);
        options ??= Defaults;
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var logger = options.LoggerFactory.CreateLogger("RawSocketChat.WebSocketClient");
        try
        {
            var transport = await OpenTransportAsync(target, options, cancellationToken).ConfigureAwait(false);
            var connection = await OpenConnectionAsync(transport, target, options, logger, cancellationToken).ConfigureAwait(false);
            Log.Opened(logger, connection.Id, Log.Place(target.Uri));
            return connection;
        }
        catch (WebSocketHandshakeException failure)
        {
            Log.NotOpened(logger, Log.Place(target.Uri), failure.Fault, failure);
            throw;
        }
    }

    // TCP, the proxy and TLS, under one deadline.
    private static async Task<Transport> OpenTransportAsync(
        ClientTarget target, WebSocketClientOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(options.ConnectTimeout, options.TimeProvider, cancellationToken);
        Transport? transport = null;
        try
        {
            var proxy = ProxyRoute.For(target, options);
            transport = await new Dialer(options)
                .DialAsync(proxy?.Host ?? target.Host, proxy?.Uri.Port ?? target.Port, deadline.Token).ConfigureAwait(false);
            using var cut = CutAt(deadline, transport);
            if (proxy is not null)
            {
                await proxy.OpenAsync(transport, target, options, deadline.Token).ConfigureAwait(false);
            }

            if (target.IsSecure)
            {
                transport = await ClientTls.OpenAsync(transport, target, options, deadline.Token).ConfigureAwait(false);
            }

            ThrowIfCut(cut, deadline);
            return transport;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            await DropAsync(transport).ConfigureAwait(false);
            ExceptionDispatchInfo.Throw(deadline.Judge(failure, WebSocketHandshakeFault.Connect, $"Connecting to {target}"));
            throw;
        }
    }

    // The opening handshake, under a deadline of its own. Owns the transport.
    private static async Task<WebSocketConnection> OpenConnectionAsync(
        Transport transport, ClientTarget target, WebSocketClientOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(options.HandshakeTimeout, options.TimeProvider, cancellationToken);
        try
        {
            using var cut = CutAt(deadline, transport);
            var opened = await ClientHandshake.RunAsync(transport, target, options, logger, deadline.Token).ConfigureAwait(false);
            ThrowIfCut(cut, deadline);

            // What lies behind the 101 is still in the transport, and is the connection's.
            return new(transport, EndpointRole.Client, options, opened.SubProtocol, opened.Response, deflate: opened.Deflate);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            await DropAsync(transport).ConfigureAwait(false);
            ExceptionDispatchInfo.Throw(deadline.Judge(failure, WebSocketHandshakeFault.ConnectionLost, $"The opening handshake with {target}"));
            throw;
        }
    }

    // Nothing below looks at a token while it reads or writes: the connection is cut, and both fail.
    private static CancellationTokenRegistration CutAt(Deadline deadline, Transport transport) =>
        deadline.Token.UnsafeRegister(static cut => ((Transport)cut!).Abort(), transport);

    // Cut at the last moment: what has been made is of no use any more.
    private static void ThrowIfCut(CancellationTokenRegistration cut, Deadline deadline)
    {
        if (!cut.Unregister())
        {
            throw new OperationCanceledException(deadline.Token);
        }
    }

    private static async ValueTask DropAsync(Transport? transport)
    {
        if (transport is null)
        {
            return;
        }

        try
        {
            await transport.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone.IsLoss())
        {
            // It is what was failing; the first cause is told.
        }
    }
}
