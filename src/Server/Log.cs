using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>What the server logs. Event ids: 1-9 the server, 10-19 accepting, 20-29 connections, 30-39 broadcasting.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {EndPoint}; connections are {Transport}.")]
    public static partial void Listening(ILogger logger, EndPoint endPoint, TransportKind transport);

    [LoggerMessage(2, LogLevel.Information, "Stopping: {Count} connections are told to go away.")]
    public static partial void Stopping(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Warning, "{Count} connections did not close in time and were cut.")]
    public static partial void CutAtStop(ILogger logger, int count);

    [LoggerMessage(4, LogLevel.Error, "{Count} handlers have not come to their end though their connections are cut; they are left behind.")]
    public static partial void LeftBehind(ILogger logger, int count);

    [LoggerMessage(5, LogLevel.Error, "A callback that a handler has registered with the stop's token failed.")]
    public static partial void StopCallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "Connections cannot be accepted ({Error}); trying again in {Wait}.")]
    public static partial void AcceptFailed(ILogger logger, SocketError error, TimeSpan wait);

    [LoggerMessage(6, LogLevel.Information, "This platform has no epoll: the portable transport is used.")]
    public static partial void NoEpoll(ILogger logger);

    [LoggerMessage(11, LogLevel.Debug, "A connection from {RemoteEndPoint} was cut: too many handshakes are under way.")]
    public static partial void TooManyHandshakes(ILogger logger, EndPoint? remoteEndPoint);

    [LoggerMessage(12, LogLevel.Debug, "A handshake with {RemoteEndPoint} was refused: {Status} {Reason}")]
    public static partial void HandshakeRefused(ILogger logger, EndPoint? remoteEndPoint, int status, string reason);

    [LoggerMessage(13, LogLevel.Debug, "A handshake with {RemoteEndPoint} did not come to its end.")]
    public static partial void HandshakeFailed(ILogger logger, EndPoint? remoteEndPoint, Exception? exception);

    [LoggerMessage(14, LogLevel.Error, "A hook failed for a request from {RemoteEndPoint}.")]
    public static partial void HookFailed(ILogger logger, EndPoint? remoteEndPoint, Exception exception);

    [LoggerMessage(20, LogLevel.Information, "Connection {Id} from {RemoteEndPoint} opened; there are {Count} now.")]
    public static partial void Opened(ILogger logger, long id, EndPoint? remoteEndPoint, int count);

    [LoggerMessage(21, LogLevel.Information, "Connection {Id} closed: {Closure}; there are {Count} now.")]
    public static partial void Closed(ILogger logger, long id, WebSocketClosure? closure, int count);

    [LoggerMessage(22, LogLevel.Error, "The handler of connection {Id} failed.")]
    public static partial void HandlerFailed(ILogger logger, long id, Exception exception);

    [LoggerMessage(23, LogLevel.Error, "A connection from {RemoteEndPoint} ended by an error of the server.")]
    public static partial void ConnectionFailed(ILogger logger, EndPoint? remoteEndPoint, Exception exception);

    [LoggerMessage(30, LogLevel.Warning, "Connection {Id} was too slow for a broadcast and is closed.")]
    public static partial void SlowConsumerClosed(ILogger logger, long id);

    [LoggerMessage(31, LogLevel.Error, "The periodic broadcast failed; it goes on.")]
    public static partial void PeriodicBroadcastFailed(ILogger logger, Exception exception);
}
