using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;

using RawSocketChat.Framing;

namespace RawSocketChat;

/// <summary>
/// A message encoded into its frame once, to be sent to any number of connections. Immutable, so that all of them share its bytes;
/// safe for any thread. It costs one allocation, which lives as long as some connection has not sent it yet.
/// </summary>
/// <remarks>
/// The frame is a server's (RFC 6455 §5.1: "A server MUST NOT mask any frames that it sends to the client."). A client masks every
/// frame with a key of its own, and so sends the payload anew each time.
/// </remarks>
public sealed class PreparedMessage
{
    private readonly byte[] _frame;
    private readonly int _payloadStart;

    private PreparedMessage(WebSocketMessageType type, int payloadLength)
    {
        var opcode = type == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        var header = new FrameHeader(IsFinal: true, opcode, IsMasked: false, MaskKey: 0, payloadLength);
        _frame = GC.AllocateUninitializedArray<byte>(header.Size + payloadLength);
        _payloadStart = header.Write(_frame);
        Type = type;
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type { get; }

    /// <summary>The payload's bytes, as they were when the message was made.</summary>
    public ReadOnlyMemory<byte> Payload => _frame.AsMemory(_payloadStart);

    /// <summary>The whole frame, unmasked: header and payload.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;

    /// <summary>Prepares a text message.</summary>
    /// <param name="text">The text; a lone surrogate is replaced by U+FFFD, as UTF-8 has no form for it.</param>
    /// <returns>The message.</returns>
    public static PreparedMessage FromText(ReadOnlySpan<char> text)
    {
        var message = new PreparedMessage(WebSocketMessageType.Text, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, message._frame.AsSpan(message._payloadStart));
        return message;
    }

    /// <summary>Prepares a text message from UTF-8.</summary>
    /// <param name="utf8">The text. The bytes are copied.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ArgumentException"><paramref name="utf8"/> is not UTF-8 (RFC 6455 §5.6 asks for it).</exception>
    public static PreparedMessage FromText(ReadOnlySpan<byte> utf8) =>
        Utf8.IsValid(utf8)
            ? FromPayload(utf8, WebSocketMessageType.Text)
            : throw new ArgumentException("A text message must be UTF-8 (RFC 6455 §5.6).", nameof(utf8));

    /// <summary>Prepares a binary message.</summary>
    /// <param name="payload">The payload. The bytes are copied.</param>
    /// <returns>The message.</returns>
    public static PreparedMessage FromBinary(ReadOnlySpan<byte> payload) => FromPayload(payload, WebSocketMessageType.Binary);

    private static PreparedMessage FromPayload(ReadOnlySpan<byte> payload, WebSocketMessageType type)
    {
        var message = new PreparedMessage(type, payload.Length);
        payload.CopyTo(message._frame.AsSpan(message._payloadStart));
        return message;
    }
}
