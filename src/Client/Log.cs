using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>What the client logs. Event ids: 100-109 connecting, 110-119 reconnecting.</summary>
internal static partial class Log
{
    /// <summary>A URI without what may be a secret: its query, and whoever it names before the host.</summary>
    public static string Place(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [LoggerMessage(100, LogLevel.Debug, "Connection {Id} to {Uri} opened.")]
    public static partial void Opened(ILogger logger, long id, string uri);

    [LoggerMessage(101, LogLevel.Debug, "{Uri} could not be connected to ({Fault}).")]
    public static partial void NotOpened(ILogger logger, string uri, WebSocketHandshakeFault fault, Exception exception);

    [LoggerMessage(102, LogLevel.Debug, "A cookie of {Uri} was not understood and is left out.")]
    public static partial void CookieIgnored(ILogger logger, string uri, Exception exception);

    [LoggerMessage(110, LogLevel.Information, "Connection {Id} to {Uri} is open (attempt {Attempt}).")]
    public static partial void Reconnected(ILogger logger, long id, string uri, int attempt);

    [LoggerMessage(111, LogLevel.Information, "Attempt {Attempt} follows in {Delay}: {Cause}")]
    public static partial void Waiting(ILogger logger, int attempt, TimeSpan delay, ReconnectCause cause);

    [LoggerMessage(112, LogLevel.Warning, "There will be no more attempts: {Cause}")]
    public static partial void Ended(ILogger logger, ReconnectCause? cause);

    [LoggerMessage(113, LogLevel.Error, "A state callback failed; reconnecting goes on.")]
    public static partial void StateCallbackFailed(ILogger logger, Exception exception);
}
