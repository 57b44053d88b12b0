using System.Buffers;
using System.IO.Compression;

namespace RawSocketChat.Framing.Tests;

/// <summary>Messages on their way through a deflater and an inflater, ours or the framework's.</summary>
internal static class Compressed
{
    /// <summary>What its sender leaves out at the end of a compressed message: RFC 7692 §7.2.1.</summary>
    public static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    public static readonly CompressionLevel[] Levels = [CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize];

    /// <summary>Contents of every kind, of any length.</summary>
    public static byte[] Content(string kind, int length, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        switch (kind)
        {
            case "random":
                random.NextBytes(bytes);
                break;
            case "zeros":
                break;
            case "text":
                Repeat(bytes, () => Words[random.Next(Words.Length)]);
                break;
            case "chat":
                Repeat(bytes, () => $$"""{"type":"message","name":"user{{random.Next(100)}}","text":"{{Words[random.Next(Words.Length)]}} {{random.Next()}}"}""");
                break;
            case "CJK":
                Repeat(bytes, () => "你好世界服务器消息"[random.Next(7)..]);
                break;
            case "few":
                for (var i = 0; i < length; i++)
                {
                    bytes[i] = (byte)random.Next(3);
                }

                break;
            case "far":
                random.NextBytes(bytes);
                for (var i = 0; i < length; i++)
                {
                    bytes[i] = i >= 30_000 ? bytes[i - 30_000] : bytes[i];
                }

                break;
            default:
                throw new ArgumentException(kind);
        }

        return bytes;
    }

    public static byte[] Deflate(MessageDeflater deflater, ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(message, endOfMessage: true, output);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Deflate(byte[] message, int windowBits, CompressionLevel level)
    {
        using var deflater = new MessageDeflater(windowBits, contextTakeover: false, level, ArrayPool<byte>.Shared);
        return Deflate(deflater, message);
    }

    /// <summary>Inflates a whole message in pieces of the source and of the destination.</summary>
    /// <returns>Null where it is invalid.</returns>
    public static byte[]? Inflate(MessageInflater inflater, ReadOnlySpan<byte> compressed, int sourcePiece = int.MaxValue, int destinationPiece = 4096)
    {
        var output = new MemoryStream();
        var destination = new byte[destinationPiece];
        while (true)
        {
            var piece = compressed[..Math.Min(sourcePiece, compressed.Length)];
            var status = inflater.Inflate(piece, piece.Length == compressed.Length, destination, out var consumed, out var written);
            output.Write(destination, 0, written);
            compressed = compressed[consumed..];
            switch (status)
            {
                case InflateStatus.Done:
                    compressed.Length.Should().Be(0, "a message that is done is taken whole");
                    return output.ToArray();
                case InflateStatus.InvalidData:
                    return null;
                case InflateStatus.NeedMoreData:
                    consumed.Should().Be(piece.Length, "more is asked for only when all is taken");
                    break;
                default:
                    written.Should().Be(destination.Length, "the destination is full");
                    break;
            }
        }
    }

    public static byte[]? Inflate(byte[] compressed, int windowBits = 15, int sourcePiece = int.MaxValue, int destinationPiece = 4096)
    {
        using var inflater = new MessageInflater(windowBits, contextTakeover: false, ArrayPool<byte>.Shared);
        return Inflate(inflater, compressed, sourcePiece, destinationPiece);
    }

    private static readonly string[] Words =
        ["the ", "quick ", "brown fox ", "jumps over ", "a lazy dog; ", "pack my box ", "with five dozen ", "liquor jugs. ", "\n"];

    private static void Repeat(byte[] bytes, Func<string> next)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var piece = System.Text.Encoding.UTF8.GetBytes(next());
            var length = Math.Min(piece.Length, bytes.Length - done);
            piece.AsSpan(0, length).CopyTo(bytes.AsSpan(done));
            done += length;
        }
    }
}
