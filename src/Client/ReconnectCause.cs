using System.Net.WebSockets;
using System.Security.Authentication;

namespace RawSocketChat;

/// <summary>Why a <see cref="ReconnectingWebSocketClient"/> has no connection: one that ended, or an attempt that failed.</summary>
/// <param name="Closure">How the connection ended; null where an attempt failed.</param>
/// <param name="Failure">How the attempt failed, a <see cref="WebSocketHandshakeException"/> as a rule; null where a connection ended.</param>
public sealed record ReconnectCause(WebSocketClosure? Closure, Exception? Failure)
{
    /// <summary>Whether the same would happen again, so that by default there is no other attempt.</summary>
    /// <remarks>
    /// Final are: a closing handshake that this end began; the close statuses 1002, 1003, 1007, 1008, 1009 and 1010, whoever has sent them;
    /// answers from 200 to 499 other than 408, 425 and 429, for a server that means no and for one that is none; an answer that is not
    /// HTTP/1.1, or breaks the rules of the opening handshake; a certificate that is not trusted; a proxy that wants other credentials; and
    /// an <see cref="ArgumentException"/>. All else may pass: restarts, overload, networks that come and go.
    /// </remarks>
    public bool IsFinal => Closure is { } closure ? IsFinalEnd(closure) : IsFinalFailure(Failure);

    /// <summary>The cause in one line, for logs.</summary>
    /// <returns>The closure, or the failure's message.</returns>
    public override string ToString() => Closure?.ToString() ?? Failure?.Message.ReplaceLineEndings(" ") ?? "";

    private static bool IsFinalEnd(WebSocketClosure closure) => closure.Status switch
    {
        WebSocketCloseStatus.ProtocolError
            or WebSocketCloseStatus.InvalidMessageType
            or WebSocketCloseStatus.InvalidPayloadData
            or WebSocketCloseStatus.PolicyViolation
            or WebSocketCloseStatus.MessageTooBig
            or WebSocketCloseStatus.MandatoryExtension => true,
        _ => closure is { Cause: CloseCause.ClosingHandshake, Initiator: CloseInitiator.Local } or { Cause: CloseCause.CloseTimeout },
    };

    private static bool IsFinalFailure(Exception? failure) => failure switch
    {
        WebSocketHandshakeException handshake => IsFinalFault(handshake),
        _ => failure is ArgumentException,
    };

    private static bool IsFinalFault(WebSocketHandshakeException failure) => failure.Fault switch
    {
        WebSocketHandshakeFault.RefusedStatus => failure.StatusCode is >= 200 and < 500 and not (408 or 425 or 429),
        WebSocketHandshakeFault.Tls => failure.InnerException is AuthenticationException,
        WebSocketHandshakeFault.NameResolution
            or WebSocketHandshakeFault.Connect
            or WebSocketHandshakeFault.Proxy
            or WebSocketHandshakeFault.Timeout
            or WebSocketHandshakeFault.ConnectionLost => false,
        _ => true,
    };
}
