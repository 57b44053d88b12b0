using System.Buffers;
using System.IO.Compression;
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

    private const int SmallestWindow = 8;
    private const int LargestWindow = 15;

    private readonly Memory<byte> _frame;
    private readonly int _payloadStart;

    private byte[]? _standalone;

    // By window: this message itself where compressing it gains nothing.
    private PreparedMessage?[]? _deflated;

    private PreparedMessage(WebSocketMessageType type, int payloadLength, bool isCompressed = false)
    {
        var opcode = type == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        var header = new FrameHeader(IsFinal: true, opcode, IsMasked: false, MaskKey: 0, payloadLength) { IsCompressed = isCompressed };
        _frame = Allocate(header.Size + payloadLength);
        _payloadStart = header.Write(_frame.Span);
        Type = type;
        IsCompressed = isCompressed;
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type { get; }

    /// <summary>Whether this is the compressed form of another message: see <see cref="Deflated"/>.</summary>
    public bool IsCompressed { get; }

    /// <summary>The payload's bytes, as they were when the message was made; of a compressed form, as they go out.</summary>
    public ReadOnlyMemory<byte> Payload => _frame[_payloadStart..];

    /// <summary>The whole frame, unmasked: header and payload.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;

    /// <summary>
    /// The same frame in memory of its own size, made when it is first asked for: for what is to wait, such as for a peer that does not read. A
    /// short message's <see cref="Frame"/> keeps the block of 16 KiB alive in which it lies.
    /// </summary>
    public ReadOnlyMemory<byte> StandaloneFrame => _frame.Length > LargestInBlock
        ? _frame
        : Volatile.Read(ref _standalone) ?? Interlocked.CompareExchange(ref _standalone, _frame.ToArray(), null) ?? _standalone;

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

    /// <summary>
    /// The same message compressed (RFC 7692 §7.2.1), referring to no other message. Made once for each window, by whoever asks first; all that
    /// have negotiated the extension share it.
    /// </summary>
    /// <param name="windowBits">8 to 15: no larger than the receiving end allows.</param>
    /// <param name="level">How hard to try; whoever asks first decides.</param>
    /// <returns>The compressed form; null where it is no shorter.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="InvalidOperationException">This is a compressed form already.</exception>
    public PreparedMessage? Deflated(int windowBits, CompressionLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBits, SmallestWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowBits, LargestWindow);
        if (IsCompressed)
        {
            throw new InvalidOperationException("The message is compressed already.");
        }

        var all = Volatile.Read(ref _deflated)
            ?? Interlocked.CompareExchange(ref _deflated, new PreparedMessage?[LargestWindow - SmallestWindow + 1], null)
            ?? _deflated;
        ref var slot = ref all[windowBits - SmallestWindow];
        if (Volatile.Read(ref slot) is not { } deflated)
        {
            lock (all)
            {
                deflated = slot;
                if (deflated is null)
                {
                    deflated = Deflate(windowBits, level);
                    Volatile.Write(ref slot, deflated);
                }
            }
        }

        return deflated == this ? null : deflated;
    }

    private static PreparedMessage FromPayload(ReadOnlySpan<byte> payload, WebSocketMessageType type)
    {
        var message = new PreparedMessage(type, payload.Length);
        payload.CopyTo(message._frame.Span[message._payloadStart..]);
        return message;
    }

    private PreparedMessage Deflate(int windowBits, CompressionLevel level)
    {
        using var deflater = new MessageDeflater(windowBits, contextTakeover: false, level, ArrayPool<byte>.Shared);
        var output = new ArrayBufferWriter<byte>(Math.Max(64, Payload.Length / 2));
        deflater.Deflate(Payload.Span, endOfMessage: true, output);
        if (output.WrittenCount >= Payload.Length)
        {
            return this;
        }

        var message = new PreparedMessage(Type, output.WrittenCount, isCompressed: true);
        output.WrittenSpan.CopyTo(message._frame.Span[message._payloadStart..]);
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
