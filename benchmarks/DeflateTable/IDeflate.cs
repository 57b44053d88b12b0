using System.Buffers;
using System.IO.Compression;

using RawSocketChat.Framing;

namespace RawSocketChat.DeflateTable;

/// <summary>One way to compress the messages of a connection.</summary>
internal interface IDeflate : IDisposable
{
    /// <summary>Compresses a message, and tells how long it has become.</summary>
    int Deflate(byte[] message);
}

/// <summary>This library's.</summary>
internal sealed class OwnDeflate(int windowBits, bool takeover, CompressionLevel level) : IDeflate
{
    private readonly MessageDeflater _deflater = new(windowBits, takeover, level, ArrayPool<byte>.Shared);
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public int Deflate(byte[] message)
    {
        _output.ResetWrittenCount();
        _deflater.Deflate(message, endOfMessage: true, _output);
        return _output.WrittenCount;
    }

    public void Dispose() => _deflater.Dispose();
}

/// <summary>The framework's: a stream that goes on with takeover, and a new one for each message without.</summary>
internal sealed class FrameworkDeflate(bool takeover, CompressionLevel level) : IDeflate
{
    private readonly MemoryStream _output = new(64 * 1024);
    private DeflateStream? _stream;

    public int Deflate(byte[] message)
    {
        _output.SetLength(0);
        _stream ??= new(_output, level, leaveOpen: true);
        _stream.Write(message);
        _stream.Flush();
        var length = (int)_output.Length - 4;
        if (!takeover)
        {
            Dispose();
        }

        return length;
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
