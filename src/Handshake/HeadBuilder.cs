using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// The growing memory behind a <see cref="RequestParser"/> or a <see cref="ResponseParser"/>: the head's bytes without their
/// separators and where its fields end. Both arrays double as needed, so they stay within twice what was received, and within the limits.
/// </summary>
internal struct HeadBuilder(HandshakeLimits limits)
{
    // A browser's upgrade request without cookies fits; a peer that has sent one byte costs no more.
    private const int SmallestHead = 512;
    private const int SmallestFieldArray = 16;

    private byte[] _head = [];
    private HeaderField[] _fields = [];
    private int _length;
    private int _fieldCount;
    private int _partStart;
    private int _start;
    private int _nameEnd;

    // The part that is being read: of the start line, a field's name or its value.
    public readonly ReadOnlyMemory<byte> Part => _head.AsMemory(_partStart.._length);

    public readonly bool HasAllFields => _fieldCount == limits.MaxHeaderCount;

    // Takes the bytes up to the first that is not accepted; answers how many.
    public int AppendWhile(ReadOnlySpan<byte> bytes, SearchValues<byte> accepted)
    {
        int end = bytes.IndexOfAnyExcept(accepted);
        int length = end < 0 ? bytes.Length : end;
        Append(bytes[..length]);
        return length;
    }

    // Behind a part of the start line that is kept.
    public void EndPart()
    {
        _partStart = _length;
        _start = _length;
    }

    // Behind one that need not be remembered.
    public void DropPart() => _length = _partStart;

    public void EndName()
    {
        _nameEnd = _length;
        _partStart = _length;
    }

    public void EndValue()
    {
        // RFC 9112 §5.1: the white space behind a value is no part of it. (That before it was never appended.)
        _length = _partStart + Part.Span.TrimEnd(" \t"u8).Length;
        if (_fieldCount == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Min(Math.Max(2 * _fieldCount, SmallestFieldArray), limits.MaxHeaderCount));
        }

        _fields[_fieldCount++] = new HeaderField(_nameEnd, _length);
        _partStart = _length;
    }

    // Method and target are what is kept of a request line.
    public readonly HttpRequest BuildRequest(RequestTarget target) =>
        new(new CompactHead(_head.AsSpan(0, _length), _start - target.Length, target, _fields.AsSpan(0, _fieldCount)));

    // Of a status line nothing is kept here.
    public readonly HeaderFields BuildFields() => CompactFields.Write(_head.AsSpan(0, _length), _start, _fields.AsSpan(0, _fieldCount));

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _head.Length - _length)
        {
            int needed = _length + bytes.Length;
            Array.Resize(ref _head, Math.Clamp(Math.Max(2 * _head.Length, SmallestHead), needed, Math.Max(needed, limits.MaxTotalSize)));
        }

        bytes.CopyTo(_head.AsSpan(_length));
        _length += bytes.Length;
    }
}
