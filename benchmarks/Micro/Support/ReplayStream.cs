namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>Gives the same bytes again and again, at once and without an end: a peer that has always sent more already.</summary>
/// <param name="content">The bytes.</param>
/// <param name="first">What it gives before them, once; null for nothing.</param>
internal sealed class ReplayStream(byte[] content, byte[]? first = null) : BenchmarkStream
{
    private byte[] _content = first ?? content;
    private int _position;
    private volatile bool _ended;

    public override void End() => _ended = true;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_ended)
        {
            return 0;
        }

        if (_position == _content.Length)
        {
            _content = content;
            _position = 0;
        }

        var length = Math.Min(buffer.Length, _content.Length - _position);
        _content.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
}
