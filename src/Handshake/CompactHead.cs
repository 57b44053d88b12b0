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
    private const int LargestNumber = 5;

    private readonly byte[] _bytes;

    public CompactHead(ReadOnlySpan<byte> text, int methodLength, RequestTarget target, ReadOnlySpan<HeaderField> fields)
    {
        byte[] room = new byte[1 + text.Length + (LargestNumber * (5 + (2 * fields.Length)))];
        ReadOnlySpan<byte> method = text[..methodLength];
        Form form = (method.SequenceEqual("GET"u8) ? Form.None : Form.OtherMethod)
            | (target.IsAbsolute ? Form.Absolute : Form.None)
            | (target.PathEnd < target.Length ? Form.Query : Form.None);
        room[0] = (byte)form;
        int length = 1;
        if (form.HasFlag(Form.OtherMethod))
        {
            WriteNumber(room, ref length, methodLength);
            Write(room, ref length, method);
        }

        WriteNumber(room, ref length, target.Length);
        if (form.HasFlag(Form.Absolute))
        {
            WriteNumber(room, ref length, target.AuthorityStart);
            WriteNumber(room, ref length, target.PathStart);
        }

        if (form.HasFlag(Form.Query))
        {
            WriteNumber(room, ref length, target.PathEnd);
        }

        int end = methodLength + target.Length;
        Write(room, ref length, text[methodLength..end]);
        foreach (HeaderField field in fields)
        {
            WriteName(room, ref length, text[end..field.NameEnd]);
            WriteNumber(room, ref length, field.ValueEnd - field.NameEnd);
            Write(room, ref length, text[field.NameEnd..field.ValueEnd]);
            end = field.ValueEnd;
        }

        _bytes = room[..length];
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

    /// <summary>The header fields, before the first.</summary>
    public CompactFields Fields
    {
        get
        {
            ReadStart(out _, out int targetStart, out RequestTarget target);
            return new(_bytes, targetStart + target.Length);
        }
    }

    public ReadOnlySpan<byte> this[Range range] => _bytes.AsSpan(range);

    public ReadOnlyMemory<byte> Memory(Range range) => _bytes.AsMemory(range);

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
        if (form.HasFlag(Form.OtherMethod))
        {
            int methodLength = CompactFields.ReadNumber(_bytes, ref next);
            method = next..(next + methodLength);
            next += methodLength;
        }

        int length = CompactFields.ReadNumber(_bytes, ref next);
        int authorityStart = form.HasFlag(Form.Absolute) ? CompactFields.ReadNumber(_bytes, ref next) : 0;
        int pathStart = form.HasFlag(Form.Absolute) ? CompactFields.ReadNumber(_bytes, ref next) : 0;
        int pathEnd = form.HasFlag(Form.Query) ? CompactFields.ReadNumber(_bytes, ref next) : length;
        targetStart = next;
        target = new RequestTarget(authorityStart, pathStart, pathEnd, length);
    }

    private static void WriteName(byte[] room, ref int length, ReadOnlySpan<byte> name)
    {
        int known = CommonNames.Find(name);
        if (known >= 0)
        {
            WriteNumber(room, ref length, known);
            return;
        }

        WriteNumber(room, ref length, CommonNames.Count + name.Length);
        Write(room, ref length, name);
    }

    private static void Write(byte[] room, ref int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(room.AsSpan(length));
        length += bytes.Length;
    }

    private static void WriteNumber(byte[] room, ref int length, int number)
    {
        for (; number > 0x7f; number >>= 7)
        {
            room[length++] = (byte)(number | 0x80);
        }

        room[length++] = (byte)number;
    }
}
