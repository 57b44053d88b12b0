using Microsoft.Extensions.Logging;

namespace ChatHost;

/// <summary>All that the chat logs. Its texts are what its log is for, so here, unlike in the library, each is at Information.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Member {Member} connected from {Address}; {Count} here.")]
    public static partial void Connected(ILogger logger, long member, string address, int count);

    [LoggerMessage(2, LogLevel.Information, "Member {Member} ({Name}) disconnected; {Count} here.")]
    public static partial void Disconnected(ILogger logger, long member, string name, int count);

    [LoggerMessage(3, LogLevel.Information, "Message {Id} from member {Member} ({Name}): {Text}")]
    public static partial void Said(ILogger logger, long id, long member, string name, string text);

    [LoggerMessage(4, LogLevel.Information, "Refused a message of member {Member}: {Problem}")]
    public static partial void Refused(ILogger logger, long member, string problem);

    [LoggerMessage(5, LogLevel.Information, "Announced to {Count}.")]
    public static partial void Announced(ILogger logger, int count);

    [LoggerMessage(6, LogLevel.Information, "Nobody is here: nothing announced.")]
    public static partial void NobodyToAnnounceTo(ILogger logger);
}
