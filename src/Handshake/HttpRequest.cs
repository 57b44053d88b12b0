using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>
/// The head of an HTTP/1.1 request, well-formed. Immutable; for any thread. It keeps the request's bytes and where the fields lie in them;
/// strings are made when they are asked for, new ones each time.
/// </summary>
public sealed class HttpRequest
{
    private readonly byte[] _head;
    private readonly ushort _targetStart;
    private readonly ushort _targetLength;
    private readonly FieldLine[] _fields;

    internal HttpRequest(byte[] head, ushort targetStart, ushort targetLength, FieldLine[] fields)
    {
        _head = head;
        _targetStart = targetStart;
        _targetLength = targetLength;
        _fields = fields;
    }

    /// <summary>The method as it was sent; methods are case-sensitive.</summary>
    public string Method => Encoding.ASCII.GetString(_head, 0, _targetStart - 1);

    /// <summary>The request target as it was sent: a path with or without a query, or a whole URI.</summary>
    public string Target => Encoding.ASCII.GetString(TargetBytes);

    /// <summary>The target's path, percent-encoded as it was sent, without the query; at least <c>/</c>.</summary>
    public string Path
    {
        get
        {
            var path = PathAndQuery;
            var query = path.IndexOf((byte)'?');
            path = query < 0 ? path : path[..query];
            return path.IsEmpty ? "/" : Encoding.ASCII.GetString(path);
        }
    }

    /// <summary>The target's query, percent-encoded as it was sent, without the question mark; empty where there is none.</summary>
    public string Query
    {
        get
        {
            var path = PathAndQuery;
            var query = path.IndexOf((byte)'?');
            return query < 0 ? "" : Encoding.ASCII.GetString(path[(query + 1)..]);
        }
    }

    /// <summary>How many field lines there are.</summary>
    public int HeaderCount => _fields.Length;

    /// <summary>The field lines in their order, names as they were sent, values without white space around them, bytes above ASCII as Latin-1.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            foreach (var line in _fields)
            {
                yield return new(Encoding.ASCII.GetString(line.Name(_head)), Encoding.Latin1.GetString(line.Value(_head)));
            }
        }
    }

    /// <summary>
    /// Whether this asks for a WebSocket upgrade, well or badly: it names <c>websocket</c> in <c>Upgrade</c>, or has a field that only an
    /// opening handshake has.
    /// </summary>
    public bool IsUpgradeRequest =>
        HasToken("Upgrade", "websocket") || CountOf("Sec-WebSocket-Key") > 0 || CountOf("Sec-WebSocket-Version") > 0;

    private ReadOnlySpan<byte> TargetBytes => _head.AsSpan(_targetStart, _targetLength);

    private ReadOnlySpan<byte> PathAndQuery
    {
        get
        {
            var target = TargetBytes;
            if (target[0] == '/')
            {
                return target;
            }

            var rest = target[(target.IndexOf("://"u8) + 3)..];
            var path = rest.IndexOfAny((byte)'/', (byte)'?');
            return path < 0 ? default : rest[path..];
        }
    }

    /// <summary>A field's value.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <returns>The value; of several lines, all values joined by <c>", "</c> (RFC 9110 §5.3); null where there is none.</returns>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string? joined = null;
        foreach (var field in _fields)
        {
            if (Is(field, name))
            {
                var value = Encoding.Latin1.GetString(field.Value(_head));
                joined = joined is null ? value : $"{joined}, {value}";
            }
        }

        return joined;
    }

    /// <summary>A field's value, where it must not occur twice.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="value">The value; null where there is none, or more than one.</param>
    /// <returns>False where there is more than one.</returns>
    public bool TryGetSingleHeader(string name, out string? value)
    {
        var count = CountOf(name);
        value = count == 1 ? Header(name) : null;
        return count <= 1;
    }

    /// <summary>Whether a comma-separated field lists a token, in any case.</summary>
    /// <param name="name">The field's name, in any case.</param>
    /// <param name="token">The token, in any case.</param>
    /// <returns>True where one of the field's lines lists it.</returns>
    public bool HasToken(string name, string token)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var field in _fields)
        {
            if (!Is(field, name))
            {
                continue;
            }

            for (var list = field.Value(_head); !list.IsEmpty;)
            {
                if (Ascii.EqualsIgnoreCase(HttpGrammar.NextElement(ref list), token))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>RFC 9112 §3.2: the origin form, or the absolute form with a scheme that is served here.</summary>
    internal static bool HasSupportedForm(ReadOnlySpan<byte> target)
    {
        if (target[0] == '/')
        {
            return true;
        }

        var scheme = target.IndexOf("://"u8);
        if (scheme < 0 || !IsServed(target[..scheme]))
        {
            return false;
        }

        var rest = target[(scheme + 3)..];
        var end = rest.IndexOfAny((byte)'/', (byte)'?');
        return HttpGrammar.IsAuthority(end < 0 ? rest : rest[..end]);

        static bool IsServed(ReadOnlySpan<byte> scheme) =>
            Ascii.EqualsIgnoreCase(scheme, "ws"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8)
            || Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "https"u8);
    }

    /// <summary>How many lines a field has.</summary>
    internal int CountOf(string name)
    {
        var count = 0;
        foreach (var field in _fields)
        {
            count += Is(field, name) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The bytes of a field's first value; empty where there is none.</summary>
    internal ReadOnlySpan<byte> FirstValue(string name)
    {
        foreach (var field in _fields)
        {
            if (Is(field, name))
            {
                return field.Value(_head);
            }
        }

        return default;
    }

    private bool Is(FieldLine field, string name) => Ascii.EqualsIgnoreCase(field.Name(_head), name);
}
