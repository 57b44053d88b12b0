using System.Buffers;
using System.IO.Compression;

using RawSocketChat.Framing;

namespace RawSocketChat.Compression;

/// <summary>Compresses messages that refer to no other, whatever connection they are for: one deflater for each thread.</summary>
internal static class IndependentDeflater
{
    [ThreadStatic]
    private static (int WindowBits, CompressionLevel Level, MessageDeflater? Deflater) _own;

    /// <summary>Compresses a whole message.</summary>
    /// <returns>The payload to send; valid until this thread compresses again.</returns>
    public static ReadOnlySpan<byte> Deflate(ReadOnlySpan<byte> payload, int windowBits, CompressionLevel level)
    {
        if (_own.Deflater is null || _own.WindowBits != windowBits || _own.Level != level)
        {
            _own.Deflater?.Dispose();
            _own = (windowBits, level, new(windowBits, contextTakeover: false, level, ArrayPool<byte>.Shared));
        }

        var scratch = ScratchBuffer.Take();
        _own.Deflater.Deflate(payload, endOfMessage: true, scratch);
        return scratch.Written;
    }
}
