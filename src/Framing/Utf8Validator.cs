using System.Text.Unicode;

namespace RawSocketChat.Framing;

/// <summary>
/// Checks UTF-8 that comes in pieces cut anywhere, and tells an error as soon as the byte is there that no continuation can mend
/// (RFC 6455 §8.1). A mutable struct: keep it in a field, and do not copy it.
/// </summary>
public struct Utf8Validator
{
    // How many bytes of a character are outstanding, and which values the next of them may have. The bounds differ from
    // 80..BF only behind E0, ED, F0 and F4: there they shut out overlong forms, surrogates and what lies above U+10FFFF.
    private byte _outstanding;
    private byte _lowest;
    private byte _highest;

    /// <summary>Whether what was appended so far ends at a character's end. A text message must.</summary>
    public readonly bool IsComplete => _outstanding == 0;

    /// <summary>Checks the next piece.</summary>
    /// <param name="piece">Any number of bytes.</param>
    /// <returns>
    /// False as soon as the text cannot be UTF-8 whatever follows; the validator is of no use then until <see cref="Reset"/>.
    /// </returns>
    public bool Append(ReadOnlySpan<byte> piece)
    {
        while (_outstanding > 0)
        {
            if (piece.IsEmpty)
            {
                return true;
            }

            if (!Continue(piece[0]))
            {
                return false;
            }

            piece = piece[1..];
        }

        var whole = piece.Length - UnfinishedTail(piece);
        return Utf8.IsValid(piece[..whole]) && Begin(piece[whole..]);
    }

    /// <summary>Forgets everything: the next piece starts a new text.</summary>
    public void Reset() => this = default;

    // The length of the character at the end that the piece cuts off: 0 to 3 bytes.
    private static int UnfinishedTail(ReadOnlySpan<byte> piece)
    {
        for (var back = 1; back <= 3 && back <= piece.Length; back++)
        {
            var octet = piece[^back];
            if (octet < 0x80)
            {
                return 0;
            }

            if (octet >= 0xC0)
            {
                var length = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : 2;
                return length > back ? back : 0;
            }
        }

        return 0;
    }

    private bool Begin(ReadOnlySpan<byte> tail)
    {
        if (tail.IsEmpty)
        {
            return true;
        }

        // RFC 3629 §4 gives the grammar: which second byte each first byte allows.
        (_outstanding, _lowest, _highest) = tail[0] switch
        {
            >= 0xC2 and <= 0xDF => ((byte)1, (byte)0x80, (byte)0xBF),
            0xE0 => ((byte)2, (byte)0xA0, (byte)0xBF),
            0xED => ((byte)2, (byte)0x80, (byte)0x9F),
            >= 0xE1 and <= 0xEF => ((byte)2, (byte)0x80, (byte)0xBF),
            0xF0 => ((byte)3, (byte)0x90, (byte)0xBF),
            >= 0xF1 and <= 0xF3 => ((byte)3, (byte)0x80, (byte)0xBF),
            0xF4 => ((byte)3, (byte)0x80, (byte)0x8F),
            _ => default,
        };
        if (_outstanding == 0)
        {
            return false;
        }

        foreach (var octet in tail[1..])
        {
            if (!Continue(octet))
            {
                return false;
            }
        }

        return true;
    }

    private bool Continue(byte octet)
    {
        if (octet < _lowest || octet > _highest)
        {
            return false;
        }

        _outstanding--;
        _lowest = 0x80;
        _highest = 0xBF;
        return true;
    }
}
