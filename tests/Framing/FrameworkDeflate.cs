using System.IO.Compression;

namespace RawSocketChat.Framing.Tests;

/// <summary>The framework's deflate as the other end of a connection, with context takeover: the oracle.</summary>
internal sealed class FrameworkDeflater : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly DeflateStream _deflate;

    public FrameworkDeflater(CompressionLevel level) => _deflate = new(_output, level, leaveOpen: true);

    public byte[] Deflate(byte[] message)
    {
        if (message.Length == 0)
        {
            return [0x00];
        }

        _output.SetLength(0);
        _deflate.Write(message);
        _deflate.Flush();
        var all = _output.ToArray();
        all[^4..].Should().Equal(Compressed.Tail);
        return all[..^4];
    }

    public void Dispose() => _deflate.Dispose();
}

/// <summary>The same, inflating.</summary>
internal sealed class FrameworkInflater : IDisposable
{
    private readonly Pipe _input = new();
    private readonly DeflateStream _inflate;

    public FrameworkInflater() => _inflate = new(_input, CompressionMode.Decompress);

    public byte[] Inflate(byte[] compressed, int length)
    {
        _input.Add([.. compressed, .. Compressed.Tail]);
        var message = new byte[length];
        _inflate.ReadExactly(message);
        return message;
    }

    public void Dispose() => _inflate.Dispose();

    // A stream that has what was added, and is never at its end.
    private sealed class Pipe : Stream
    {
        private readonly Queue<byte> _bytes = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Add(byte[] bytes) => Array.ForEach(bytes, _bytes.Enqueue);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_bytes.Count == 0)
            {
                throw new EndOfStreamException("The framework wants more than the message.");
            }

            var read = 0;
            while (read < buffer.Length && _bytes.TryDequeue(out var next))
            {
                buffer[read++] = next;
            }

            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
