namespace RawSocketChat.Handshake;

/// <summary>Where a field line's name and value lie in the bytes of a head; limits keep the offsets within 16 bits.</summary>
internal readonly record struct FieldLine(ushort NameStart, ushort NameLength, ushort ValueStart, ushort ValueLength)
{
    /// <summary>The name's bytes.</summary>
    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> head) => head.Slice(NameStart, NameLength);

    /// <summary>The value's bytes, without white space around them.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> head) => head.Slice(ValueStart, ValueLength);
}
