using System.Buffers;
using System.Buffers.Binary;

namespace RawSocketChat.Load.Generator;

/// <summary>
/// Reads a server's frames as they come, in whatever pieces, and finds the ends of messages. Control frames are passed over. What it does
/// for a message is a few comparisons, so that the generator is not the limit.
/// </summary>
/// <param name="mayBeCompressed">Whether compression was agreed on.</param>
/// <param name="payload">Where payloads are put for somebody to look at, who forgets each when its message has ended; null for nobody.</param>
internal sealed class ReplyReader(bool mayBeCompressed = false, ArrayBufferWriter<byte>? payload = null)
{
    private readonly byte[] _header = new byte[10];
    private int _headerFilled;
    private long _payloadLeft;
    private bool _inPayload;
    private bool _isFinal;
    private bool _isControl;
    private int _messageSize;

    /// <summary>Whether the message that has begun last is compressed.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Takes bytes until a message ends.</summary>
    /// <param name="bytes">What has come; what is left afterwards belongs to the next message.</param>
    /// <param name="expected">What the payload is compared with; empty for no comparison.</param>
    /// <param name="size">The size of the message that has ended.</param>
    /// <returns>False where the bytes have come to their end before the message has.</returns>
    /// <exception cref="InvalidDataException">The payload is another, or the frame is not one that a server sends.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected, out int size)
    {
        while (true)
        {
            if (!_inPayload && !TryReadHeader(ref bytes))
            {
                size = 0;
                return false;
            }

            var piece = bytes[..(int)Math.Min(_payloadLeft, bytes.Length)];
            bytes = bytes[piece.Length..];
            _payloadLeft -= piece.Length;
            if (!_isControl)
            {
                Compare(piece, expected);
                payload?.Write(piece);
                _messageSize += piece.Length;
            }

            if (_payloadLeft > 0)
            {
                size = 0;
                return false;
            }

            _inPayload = false;
            if (_isFinal && !_isControl)
            {
                size = _messageSize;
                _messageSize = 0;
                return true;
            }
        }
    }

    private void Compare(ReadOnlySpan<byte> piece, ReadOnlySpan<byte> expected)
    {
        if (!expected.IsEmpty
            && (_messageSize + piece.Length > expected.Length || !piece.SequenceEqual(expected.Slice(_messageSize, piece.Length))))
        {
            throw new InvalidDataException("The server has answered with another payload.");
        }
    }

    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        // Most headers lie whole in what has come: they are read there.
        if (_headerFilled == 0 && bytes.Length >= 2 && bytes.Length >= Size(bytes[1]))
        {
            Begin(bytes);
            bytes = bytes[Size(bytes[1])..];
            return true;
        }

        while (_headerFilled < 2 || _headerFilled < Size(_header[1]))
        {
            if (bytes.IsEmpty)
            {
                return false;
            }

            _header[_headerFilled++] = bytes[0];
            bytes = bytes[1..];
        }

        _headerFilled = 0;
        Begin(_header);
        return true;
    }

    private void Begin(ReadOnlySpan<byte> header)
    {
        const int Close = 8;
        const int Compressed = 0x40;
        var opcode = header[0] & 0x0F;
        var reserved = header[0] & 0x70;
        var beginsMessage = opcode is > 0 and < Close;
        var isAgreed = reserved == 0 || (reserved == Compressed && mayBeCompressed && beginsMessage);
        if (!isAgreed || header[1] > 127 || opcode == Close)
        {
            throw new InvalidDataException($"The server has sent a frame that does not belong here: it begins with {header[0]:x2} {header[1]:x2}.");
        }

        if (beginsMessage)
        {
            IsCompressed = reserved != 0;
        }

        _isFinal = (header[0] & 0x80) != 0;
        _isControl = opcode >= Close;
        _inPayload = true;
        _payloadLeft = header[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]),
            var length => length,
        };
    }

    private static int Size(byte length) => length switch { 126 => 4, 127 => 10, _ => 2 };
}
