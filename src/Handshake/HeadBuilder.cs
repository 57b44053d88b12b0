namespace RawSocketChat.Handshake;

/// <summary>
/// The growing memory behind a <see cref="RequestParser"/>: the head's bytes without their separators and where its
/// fields end. Both arrays double as needed, so they stay within twice what was received, and within the limits.
/// </summary>
internal struct HeadBuilder(int maxLength, int maxFields)
{
    // A browser's upgrade request without cookies fits; a peer that has sent one byte costs no more.
    private const int SmallestHead = 512;
    private const int SmallestFieldArray = 16;

    private byte[] _head = [];
    private HeaderField[] _fields = [];
    private int _partStart;
    private int _methodLength;
    private RequestTarget _target;
    private int _nameEnd;

    public int Length { get; private set; }

    public int FieldCount { get; private set; }

    // The part that is being read: method, target, version, a field's name or its value.
    public readonly ReadOnlyMemory<byte> Part => _head.AsMemory(_partStart..Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _head.Length - Length)
        {
            int needed = Length + bytes.Length;
            Array.Resize(ref _head, Math.Clamp(Math.Max(2 * _head.Length, SmallestHead), needed, Math.Max(needed, maxLength)));
        }

        bytes.CopyTo(_head.AsSpan(Length));
        Length += bytes.Length;
    }

    public void EndMethod()
    {
        _methodLength = Length;
        _partStart = Length;
    }

    public void EndTarget(RequestTarget target)
    {
        _target = target;
        _partStart = Length;
    }

    // Every request that gets further has a version that means HTTP/1.1: there is nothing to remember.
    public void DropVersion() => Length = _partStart;

    public void EndName()
    {
        _nameEnd = Length;
        _partStart = Length;
    }

    public void EndValue()
    {
        // RFC 9112 §5.1: the white space behind a value is no part of it. (That before it was never appended.)
        Length = _partStart + Part.Span.TrimEnd(" \t"u8).Length;
        if (FieldCount == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Min(Math.Max(2 * FieldCount, SmallestFieldArray), maxFields));
        }

        _fields[FieldCount++] = new HeaderField(_nameEnd, Length);
        _partStart = Length;
    }

    public readonly HttpRequest Build() =>
        new(new CompactHead(_head.AsSpan(0, Length), _methodLength, _target, _fields.AsSpan(0, FieldCount)));
}
