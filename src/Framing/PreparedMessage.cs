using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;

using RawSocketChat.Framing;

namespace RawSocketChat;

/// <summary>
/// A message encoded into its frame once, to be sent to any number of connections. Immutable, so that all of them share its bytes;
/// safe for any thread. Its bytes live as long as some connection has not sent them yet.
/// </summary>
/// <remarks>
/// The frame is a server's (RFC 6455 §5.1: "A server MUST NOT mask any frames that it sends to the client."). A client masks every
/// frame with a key of its own, and so sends the payload anew each time. Short messages that one thread prepares one after the other lie
/// side by side in blocks of 16 KiB, so that a connection sends many of them as one piece of memory.
/// </remarks>
public sealed class PreparedMessage
{
    private const int BlockSize = 16 * 1024;
    private const int LargestInBlock = 2 * 1024;

    // What this thread has left of the last block; nobody else writes to it.
    [ThreadStatic]
    private static Memory<byte> _block;

    private readonly Memory<byte> _frame;
    private readonly int _payloadStart;

    private PreparedMessage(WebSocketMessageType type, int payloadLength)
    {
        var opcode = type == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        var header = new FrameHeader(IsFinal: true, opcode, IsMasked: false, MaskKey: 0, payloadLength);
        _frame = Allocate(header.Size + payloadLength);
        _payloadStart = header.Write(_frame.Span);
        Type = type;
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type { get; }

    /// <summary>The payload's bytes, as they were when the message was made.</summary>
    public ReadOnlyMemory<byte> Payload => _frame[_payloadStart..];

    /// <summary>The whole frame, unmasked: header and payload.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;

    /// <summary>Prepares a text message.</summary>
    /// <param name="text">The text; a lone surrogate is replaced by U+FFFD, as UTF-8 has no form for it.</param>
    /// <returns>The message.</returns>
    public static PreparedMessage FromText(ReadOnlySpan<char> text)
    {
        var message = new PreparedMessage(WebSocketMessageType.Text, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, message._frame.Span[message._payloadStart..]);
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
        payload.CopyTo(message._frame.Span[message._payloadStart..]);
        return message;
    }

    private static Memory<byte> Allocate(int length)
    {
        if (length > LargestInBlock)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        if (_block.Length < length)
        {
            _block = GC.AllocateUninitializedArray<byte>(BlockSize);
        }

        var allocated = _block[..length];
        _block = _block[length..];
        return allocated;
    }
}
