using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>An immutable request head (RFC 9112 §3, §5), as <see cref="RequestParser"/> has read it. Any threads may use it.</summary>
/// <remarks>
/// It keeps the bytes of the head in one array, without separators and without the header names that most clients send. Strings are made
/// anew by each call that asks for one; bytes beyond ASCII become the Latin-1 characters of the same number.
/// </remarks>
public sealed class HttpRequest
{
    private readonly CompactHead _head;

    internal HttpRequest(CompactHead head) => _head = head;

    /// <summary>The method as sent, case kept: a token (RFC 9112 §3.1), "GET" in every opening handshake.</summary>
    public string Method => IsGet ? "GET" : Text(_head.Method);

    /// <summary>The request target as sent (RFC 9112 §3.2): in origin-form ("/chat?x=1") or absolute-form ("http://host/chat").</summary>
    public string Target
    {
        get
        {
            RequestTarget target = _head.Target(out int start);
            return Text(start..(start + target.Length));
        }
    }

    /// <summary>The path, percent-encoded as sent and without the query; "/" where an absolute-form has none (RFC 6455 §3).</summary>
    public string Path
    {
        get
        {
            RequestTarget target = _head.Target(out int start);
            return target.PathStart == target.PathEnd ? "/" : Text((start + target.PathStart)..(start + target.PathEnd));
        }
    }

    /// <summary>The query, percent-encoded as sent, without its '?'; "" when there is none.</summary>
    public string Query
    {
        get
        {
            RequestTarget target = _head.Target(out int start);
            return target.PathEnd == target.Length ? string.Empty : Text((start + target.PathEnd + 1)..(start + target.Length));
        }
    }

    /// <summary>The number of header fields, repeated names counted each time.</summary>
    public int HeaderCount
    {
        get
        {
            int count = 0;
            for (CompactFields fields = _head.Fields; fields.MoveNext();)
            {
                count++;
            }

            return count;
        }
    }

    /// <summary>The header fields in the order sent, names in the case sent, values without surrounding white space.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            for (CompactFields fields = _head.Fields; fields.MoveNext();)
            {
                yield return new KeyValuePair<string, string>(fields.Name, Text(fields.Value));
            }
        }
    }

    /// <summary>
    /// Whether the request asks for <c>Upgrade: websocket</c> (RFC 6455 §4.2.1 item 3). False means plain HTTP; true is
    /// not yet a valid handshake: <see cref="UpgradeNegotiator"/> judges that.
    /// </summary>
    public bool IsUpgradeRequest => HasToken("Upgrade", "websocket");

    internal bool IsGet => _head[_head.Method].IsEmpty;

    /// <summary>The header fields, before the first.</summary>
    internal CompactFields Fields => _head.Fields;

    /// <summary>The value of a header field, or null when it is absent.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <returns>The value without surrounding white space; several fields of the name are joined by ", " (RFC 9110 §5.3).</returns>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Count(name, out Range first) switch
        {
            0 => null,
            1 => Text(first),
            _ => Joined(name),
        };
    }

    /// <summary>The value of a header field that may occur only once.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="value">The value without surrounding white space; null when the field is absent or occurs more than once.</param>
    /// <returns>False when the field occurs more than once, else true.</returns>
    public bool TryGetSingleHeader(string name, out string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        int count = Count(name, out Range only);
        value = count == 1 ? Text(only) : null;
        return count <= 1;
    }

    /// <summary>Whether a comma-separated list (RFC 9110 §5.6.1), over all fields of the name, holds a token.</summary>
    /// <param name="headerName">The field's name, in any case.</param>
    /// <param name="token">The token, compared without regard to ASCII case.</param>
    public bool HasToken(string headerName, string token)
    {
        ArgumentNullException.ThrowIfNull(headerName);
        ArgumentException.ThrowIfNullOrEmpty(token);
        foreach (Range element in Elements(headerName))
        {
            if (Ascii.EqualsIgnoreCase(Bytes(element), token))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 9112 §3.2.2: where the target is in absolute-form, its host counts and the Host field is ignored.
    internal ReadOnlyMemory<byte> Authority
    {
        get
        {
            RequestTarget target = _head.Target(out int start);
            if (target.IsAbsolute)
            {
                return Memory((start + target.AuthorityStart)..(start + target.PathStart));
            }

            Count("Host", out Range host);
            return Memory(host);
        }
    }

    internal ListElements Elements(string headerName) => new(this, headerName);

    internal ReadOnlySpan<byte> Bytes(Range range) => _head[range];

    internal ReadOnlyMemory<byte> Memory(Range range) => _head.Memory(range);

    internal string Text(Range range) => Encoding.Latin1.GetString(_head[range]);

    // How many fields have the name, and the value of the first; an empty range when none has.
    internal int Count(string name, out Range first)
    {
        first = default;
        int count = 0;
        for (CompactFields fields = Fields; fields.MoveTo(name);)
        {
            first = count++ == 0 ? fields.Value : first;
        }

        return count;
    }

    private string Joined(string name)
    {
        var values = new List<string>();
        for (CompactFields fields = Fields; fields.MoveTo(name);)
        {
            values.Add(Text(fields.Value));
        }

        return string.Join(", ", values);
    }
}
