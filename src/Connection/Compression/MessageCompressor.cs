using System.Buffers;

using RawSocketChat.Framing;
using RawSocketChat.Sending;

namespace RawSocketChat.Compression;

/// <summary>
/// Decides which outgoing messages are compressed, and compresses them (RFC 7692 §7.2.1). What refers to earlier messages must be compressed
/// in the order in which messages go out, so under the sender's lock; what stands alone is compressed before.
/// </summary>
/// <remarks>
/// A peer with context takeover inflates every compressed message with the same window. One that was compressed alone is legal for it, but
/// then stands in its window without having been in this end's: so this end forgets what it knows, and the next message refers to nothing.
/// </remarks>
internal sealed class MessageCompressor(PerMessageDeflate agreed, ArrayPool<byte> pool)
{
    // Above this, a message is compressed alone, outside the lock, also where it might refer to earlier ones: at twice the largest window,
    // there is little left to gain from those, and nobody else's send is to wait for it.
    private const int LargestInOrder = 64 * 1024;

    private MessageDeflater? _deflater;
    private bool _openIsCompressed;
    private bool _heldOneAlone;

    private long _before;
    private long _after;

    /// <summary>What was agreed on with the peer.</summary>
    public PerMessageDeflate Agreed => agreed;

    /// <summary>Bytes of payload, before and after. For any thread.</summary>
    public (long Before, long After) Sent => (Volatile.Read(ref _before), Volatile.Read(ref _after));

    /// <summary>Compresses a message that is to stand alone. Before the sender's lock is taken.</summary>
    /// <param name="frame">Any frame of data.</param>
    /// <param name="droppable">Whether it may be dropped before it is written: then nothing may refer to it.</param>
    /// <returns>The compressed frame, or the same one where it is not to be compressed, or not here.</returns>
    public OutgoingFrame CompressAlone(in OutgoingFrame frame, bool droppable)
    {
        if (frame.BelongsToOpenMessage || frame.IsPlain || !IsLongEnough(frame))
        {
            return frame;
        }

        if (frame.Prepared is { } prepared)
        {
            return !agreed.SendContextTakeover || droppable || frame.Payload.Length > LargestInOrder
                ? prepared.Deflated(agreed.SendWindowBits, agreed.Level) is { } deflated ? frame.As(deflated) : frame
                : frame;
        }

        if (frame.Payload.Length <= LargestInOrder)
        {
            return frame;
        }

        var compressed = IndependentDeflater.Deflate(frame.Payload.Span, agreed.SendWindowBits, agreed.Level);
        return compressed.Length < frame.Payload.Length ? frame.As(compressed.ToArray()) : frame;
    }

    /// <summary>Compresses a frame that is next to go out. Under the sender's lock.</summary>
    /// <param name="frame">A frame of data.</param>
    /// <param name="isHeld">Whether it goes out only after the message that is open: then nothing may refer to it, or be referred to by it.</param>
    /// <param name="droppable">Whether it may be dropped before it is written: then nothing may refer to it.</param>
    /// <param name="payload">What to send in place of its payload; valid until this thread compresses again.</param>
    /// <param name="isFirst">Whether it is the first of a compressed message, and has RSV1.</param>
    /// <returns>Whether there is something to send in place of it.</returns>
    public bool TryCompress(in OutgoingFrame frame, bool isHeld, bool droppable, out ReadOnlySpan<byte> payload, out bool isFirst)
    {
        payload = default;
        isFirst = frame.Opcode != Opcode.Continuation;
        if (frame.IsCompressed)
        {
            StandsAlone(frame, isHeld);
            return false;
        }

        // What later messages may refer to cannot be dropped any more: a message that may be goes alone, or as it is.
        if (isHeld || droppable)
        {
            return false;
        }

        if (frame.BelongsToOpenMessage)
        {
            _openIsCompressed = isFirst ? !frame.IsPlain && (!frame.IsFinal || IsLongEnough(frame)) : _openIsCompressed;
            if (!_openIsCompressed)
            {
                return false;
            }
        }
        else if (frame.IsPlain || !IsLongEnough(frame) || frame.Payload.Length > LargestInOrder)
        {
            return false;
        }

        payload = agreed.SendContextTakeover || frame.BelongsToOpenMessage
            ? Deflate(frame)
            : IndependentDeflater.Deflate(frame.Payload.Span, agreed.SendWindowBits, agreed.Level);
        if (!agreed.SendContextTakeover && !frame.BelongsToOpenMessage && payload.Length >= frame.Payload.Length)
        {
            return false;
        }

        Count(frame.Payload.Length, payload.Length);
        return true;
    }

    /// <summary>The open message has ended, or was given up, and what was held goes out. Under the sender's lock.</summary>
    public void OnMessageClosed()
    {
        if (_heldOneAlone || !agreed.SendContextTakeover)
        {
            Forget();
        }
    }

    /// <summary>Gives everything back. Under the sender's lock.</summary>
    public void Forget()
    {
        _heldOneAlone = false;
        _deflater?.Dispose();
        _deflater = null;
    }

    private bool IsLongEnough(in OutgoingFrame frame) => frame.Payload.Length >= Math.Max(1, agreed.MinMessageSize);

    private void StandsAlone(in OutgoingFrame frame, bool isHeld)
    {
        Count(frame.UncompressedLength, frame.Payload.Length);
        if (isHeld)
        {
            _heldOneAlone = true;
        }
        else
        {
            Forget();
        }
    }

    private ReadOnlySpan<byte> Deflate(in OutgoingFrame frame)
    {
        _deflater ??= new(agreed.SendWindowBits, agreed.SendContextTakeover, agreed.Level, pool);
        var scratch = ScratchBuffer.Take();
        _deflater.Deflate(frame.Payload.Span, frame.IsFinal, scratch);
        return scratch.Written;
    }

    private void Count(int before, int after)
    {
        Volatile.Write(ref _before, _before + before);
        Volatile.Write(ref _after, _after + after);
    }
}
