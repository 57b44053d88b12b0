using System.Buffers;

using RawSocketChat.Framing;

namespace RawSocketChat.Load.Generator;

/// <summary>Inflates all answers of one connection, and compares them with what was sent.</summary>
internal sealed class AnswerInflater(DeflateTerms terms) : IDisposable
{
    private readonly MessageInflater _inflater = new(terms.WindowBits, terms.Takeover, ArrayPool<byte>.Shared);
    private readonly ArrayBufferWriter<byte> _payload = new();
    private byte[] _message = new byte[64 * 1024];

    /// <summary>Where the payload of the answer that comes is put, as it was on the wire.</summary>
    public ArrayBufferWriter<byte> Payload => _payload;

    /// <summary>Checks the answer that has come, and forgets it.</summary>
    /// <param name="isCompressed">Whether it is compressed.</param>
    /// <param name="expected">What it is to be.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void Check(bool isCompressed, ReadOnlySpan<byte> expected)
    {
        if (!(isCompressed ? Inflate(expected.Length) : _payload.WrittenSpan).SequenceEqual(expected))
        {
            throw new InvalidDataException("The server has answered with another payload.");
        }

        _payload.ResetWrittenCount();
    }

    public void Dispose() => _inflater.Dispose();

    // With a byte of room beyond what is expected, so that more than that is noticed.
    private ReadOnlySpan<byte> Inflate(int expectedLength)
    {
        if (_message.Length <= expectedLength)
        {
            _message = new byte[2 * expectedLength];
        }

        var status = _inflater.Inflate(_payload.WrittenSpan, endOfMessage: true, _message.AsSpan(0, expectedLength + 1), out _, out var written);
        return status == InflateStatus.InvalidData
            ? throw new InvalidDataException("The server has answered with what cannot be inflated.")
            : _message.AsSpan(0, written);
    }
}
