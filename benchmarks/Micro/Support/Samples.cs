using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>The bytes that benchmarks work on: the same at every run.</summary>
internal static class Samples
{
    /// <summary>
    /// How many bytes of frames lie in a row: enough for a branch predictor not to learn them by heart, few enough for a core's own cache.
    /// </summary>
    private const int BytesInARow = 256 * 1024;

    /// <summary>A payload: random bytes, or text in ASCII, as most text on the wire is.</summary>
    public static byte[] Payload(WebSocketMessageType type, int length) =>
        type == WebSocketMessageType.Binary ? Random(length) : Text("{\"type\":\"message\",\"from\":\"ann\",\"text\":\"hello\"} ", length);

    /// <summary>Random bytes.</summary>
    public static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(6455).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A phrase again and again, as UTF-8 of exactly that length: what is left over is filled with spaces.</summary>
    public static byte[] Text(string phrase, int length)
    {
        var unit = Encoding.UTF8.GetBytes(phrase);
        var text = new byte[length];
        text.AsSpan().Fill((byte)' ');
        for (var at = 0; at + unit.Length <= length; at += unit.Length)
        {
            unit.CopyTo(text, at);
        }

        return text;
    }

    /// <summary>
    /// Memory to copy from and memory to copy to. They lie half a page apart: where two buffers have the same place in their pages, the
    /// processor takes loads from the one to depend on stores to the other, and what is measured is where the allocator put them.
    /// </summary>
    public static (Memory<byte> Source, Memory<byte> Destination) Buffers(int sourceLength, int destinationLength)
    {
        const int Page = 4096;
        var distance = ((sourceLength + Page - 1) / Page * Page) + (Page / 2);
        var memory = GC.AllocateArray<byte>(distance + destinationLength, pinned: true);
        return (memory.AsMemory(0, sourceLength), memory.AsMemory(distance));
    }

    /// <summary>How many frames <see cref="MaskedFrames"/> makes.</summary>
    public static int FramesInARow(int payloadLength) => Math.Max(1, BytesInARow / payloadLength);

    /// <summary>Messages of one frame each, as a client sends them: masked, each with a key of its own.</summary>
    public static byte[] MaskedFrames(WebSocketMessageType type, int payloadLength, int count)
    {
        var payload = Payload(type, payloadLength);
        var opcode = type == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        var size = FrameHeader.SizeOf(payloadLength, masked: true) + payloadLength;
        var keys = new Random(1455);
        var frames = new byte[size * count];
        for (var at = 0; at < frames.Length; at += size)
        {
            var header = new FrameHeader(IsFinal: true, opcode, IsMasked: true, (uint)keys.NextInt64(1L << 32), payloadLength);
            header.Write(frames.AsSpan(at));
            Masking.Copy(payload, frames.AsSpan(at + header.Size), header.MaskKey);
        }

        return frames;
    }
}
