using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>What the client logs. Event ids: 100-109 connecting, 110-119 reconnecting.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Debug, "Connection {Id} to {Uri} opened.")]
    public static partial void Opened(ILogger logger, long id, Uri uri);

    [LoggerMessage(101, LogLevel.Debug, "{Uri} could not be connected to ({Fault}).")]
    public static partial void NotOpened(ILogger logger, Uri uri, WebSocketHandshakeFault fault, Exception exception);

    [LoggerMessage(102, LogLevel.Debug, "A cookie of {Uri} was not understood and is left out.")]
    public static partial void CookieIgnored(ILogger logger, Uri uri, Exception exception);

    [LoggerMessage(110, LogLevel.Information, "Connection {Id} to {Uri} is open (attempt {Attempt}).")]
    public static partial void Reconnected(ILogger logger, long id, Uri uri, int attempt);

    [LoggerMessage(111, LogLevel.Information, "Attempt {Attempt} follows in {Delay}: {Cause}")]
    public static partial void Waiting(ILogger logger, int attempt, TimeSpan delay, ReconnectCause cause);

    [LoggerMessage(112, LogLevel.Warning, "There will be no more attempts: {Cause}")]
    public static partial void Ended(ILogger logger, ReconnectCause? cause);

    [LoggerMessage(113, LogLevel.Error, "A state callback failed; reconnecting goes on.")]
    public static partial void StateCallbackFailed(ILogger logger, Exception exception);
}
