using System.Buffers;
using System.IO.Compression;

using RawSocketChat.Benchmarks;
using RawSocketChat.Framing;

namespace RawSocketChat.Load.Generator;

/// <summary>A chat's messages, compressed beforehand as a client does it that has agreed to certain terms.</summary>
internal static class ChatTape
{
    // Twice the largest window: a message that comes again does not find itself, and every window gets full.
    private const int LeastText = 64 * 1024;

    /// <summary>Makes a tape.</summary>
    /// <param name="messageSize">The size of the messages, about, in bytes.</param>
    /// <param name="terms">What client and server have agreed on.</param>
    /// <param name="depth">The longest run.</param>
    /// <param name="seed">What distinguishes it from other tapes: where it begins among the same messages, and its masks.</param>
    /// <remarks>
    /// With takeover the messages are compressed twice over. The first time they refer to nothing before them, the second time to the end of the
    /// first; whoever has inflated the second time has the same behind it as before it, so that it can be sent again and again.
    /// </remarks>
    public static FrameTape Make(int messageSize, DeflateTerms terms, int depth, int seed)
    {
        var messages = Messages(messageSize, seed);
        using var deflater = new MessageDeflater(terms.WindowBits, terms.Takeover, CompressionLevel.Fastest, ArrayPool<byte>.Shared);
        var output = new ArrayBufferWriter<byte>();
        byte[][] row = terms.Takeover ? [.. messages, .. messages] : messages;
        return new(messages, [.. row.Select(Deflated)], depth, seed);

        byte[] Deflated(byte[] message)
        {
            output.ResetWrittenCount();
            deflater.Deflate(message, endOfMessage: true, output);
            return output.WrittenSpan.ToArray();
        }
    }

    private static byte[][] Messages(int size, int seed)
    {
        var all = ChatMessages.Make(size, count: 2 * LeastText / size);
        var count = 0;
        for (var text = 0; text < LeastText; count++)
        {
            text += all[count].Length;
        }

        var begin = seed * count / 3 % count;
        return [.. all[begin..count], .. all[..begin]];
    }
}
