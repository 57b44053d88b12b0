namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>Gives the same bytes again and again, at once and without an end: a peer that has always sent more already.</summary>
/// <param name="content">The bytes.</param>
internal sealed class ReplayStream(byte[] content) : BenchmarkStream
{
    private int _position;
    private volatile bool _ended;

    public override void End() => _ended = true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended)
        {
            return new(0);
        }

        if (_position == content.Length)
        {
            _position = 0;
        }

        var length = Math.Min(buffer.Length, content.Length - _position);
        content.AsSpan(_position, length).CopyTo(buffer.Span);
        _position += length;
        return new(length);
    }
}
