using System.Buffers;

namespace RawSocketChat.Handshake;

/// <summary>
/// A request head in one array of exactly its size, for a connection keeps it for its whole life: lengths in place of separators, nothing for
/// what every opening handshake has, and one byte for a header name that most clients send, in the case that most of them send it in.
/// </summary>
/// <remarks>
/// A byte of <see cref="Form"/>; the method's length and the method where it is not GET; the target's length; its two starts where it is in
/// absolute-form; its path's end where it has a query; the target. Then each field as <see cref="CompactFields"/> reads it. Numbers have 7 bits
/// a byte, lowest first, and the eighth where another follows.
/// </remarks>
internal readonly struct CompactHead
{
    // The lengths and places of method and target.
    private const int StartNumbers = 5;

    private readonly byte[] _bytes;

    public CompactHead(ReadOnlySpan<byte> text, int methodLength, RequestTarget target, ReadOnlySpan<HeaderField> fields)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(1 + (StartNumbers * CompactFields.LargestNumber) + CompactFields.MostBytes(text, fields));
        ReadOnlySpan<byte> method = text[..methodLength];
        Form form = (method.SequenceEqual("GET"u8) ? Form.None : Form.OtherMethod)
            | (target.IsAbsolute ? Form.Absolute : Form.None)
            | (target.PathEnd < target.Length ? Form.Query : Form.None);
        room[0] = (byte)form;
        int length = 1;
        if ((form & Form.OtherMethod) != 0)
        {
            CompactFields.WriteNumber(room, ref length, methodLength);
            CompactFields.Write(room, ref length, method);
        }

        CompactFields.WriteNumber(room, ref length, target.Length);
        if ((form & Form.Absolute) != 0)
        {
            CompactFields.WriteNumber(room, ref length, target.AuthorityStart);
            CompactFields.WriteNumber(room, ref length, target.PathStart);
        }

        if ((form & Form.Query) != 0)
        {
            CompactFields.WriteNumber(room, ref length, target.PathEnd);
        }

        int end = methodLength + target.Length;
        CompactFields.Write(room, ref length, text[methodLength..end]);
        CompactFields.Write(room, ref length, text, end, fields);
        _bytes = room[..length];
        ArrayPool<byte>.Shared.Return(room);
    }

    [Flags]
    private enum Form : byte
    {
        None = 0,
        OtherMethod = 1,
        Absolute = 2,
        Query = 4,
    }

    /// <summary>Where the method lies; empty for GET.</summary>
    public Range Method
    {
        get
        {
            ReadStart(out Range method, out _, out _);
            return method;
        }
    }

    /// <summary>The header fields.</summary>
    public HeaderFields Fields
    {
        get
        {
            ReadStart(out _, out int targetStart, out RequestTarget target);
            return new(_bytes, targetStart + target.Length);
        }
    }

    /// <summary>The target's parts.</summary>
    /// <param name="start">Where it begins, from which they are counted.</param>
    public RequestTarget Target(out int start)
    {
        ReadStart(out _, out start, out RequestTarget target);
        return target;
    }

    private void ReadStart(out Range method, out int targetStart, out RequestTarget target)
    {
        Form form = (Form)_bytes[0];
        int next = 1;
        method = default;
        if ((form & Form.OtherMethod) != 0)
        {
            int methodLength = CompactFields.ReadNumber(_bytes, ref next);
            method = next..(next + methodLength);
            next += methodLength;
        }

        int length = CompactFields.ReadNumber(_bytes, ref next);
        int authorityStart = (form & Form.Absolute) != 0 ? CompactFields.ReadNumber(_bytes, ref next) : 0;
        int pathStart = (form & Form.Absolute) != 0 ? CompactFields.ReadNumber(_bytes, ref next) : 0;
        int pathEnd = (form & Form.Query) != 0 ? CompactFields.ReadNumber(_bytes, ref next) : length;
        targetStart = next;
        target = new RequestTarget(authorityStart, pathStart, pathEnd, length);
    }
}
