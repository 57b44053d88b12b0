using Microsoft.Extensions.Logging;

namespace RawSocketChat;

/// <summary>What the transports log; event ids from 200.</summary>
internal static partial class RuntimeLog
{
    [LoggerMessage(200, LogLevel.Warning, "A handler has kept {Loop} for {Milliseconds} ms without waiting; another thread goes on with the loop")]
    public static partial void HandlerBlocks(ILogger logger, string loop, long milliseconds);

    [LoggerMessage(201, LogLevel.Error, "An event on {Loop} has failed; its connection is cut")]
    public static partial void EventFailed(ILogger logger, string loop, Exception failure);
}
