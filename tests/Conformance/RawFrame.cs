using System.Buffers.Binary;

namespace RawSocketChat.Conformance.Tests;

/// <summary>A frame as bytes, written by hand and independently of the library, so that the two cannot share a mistake.</summary>
internal sealed record RawFrame(bool IsFinal, int ReservedBits, int Opcode, byte[] Payload)
{
    public const int Continuation = 0;
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>A client's frame: masked.</summary>
    public static byte[] Build(int opcode, ReadOnlySpan<byte> payload, bool final = true, int reserved = 0, bool masked = true)
    {
        using var frame = new MemoryStream();
        frame.WriteByte((byte)((final ? 0x80 : 0) | (reserved << 4) | opcode));
        var mask = masked ? 0x80 : 0;
        Span<byte> length = stackalloc byte[8];
        switch (payload.Length)
        {
            case < 126:
                frame.WriteByte((byte)(mask | payload.Length));
                break;
            case < 65536:
                frame.WriteByte((byte)(mask | 126));
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
                frame.Write(length[..2]);
                break;
            default:
                frame.WriteByte((byte)(mask | 127));
                BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
                frame.Write(length);
                break;
        }

        var body = payload.ToArray();
        if (masked)
        {
            frame.Write(Key);
            for (var i = 0; i < body.Length; i++)
            {
                body[i] ^= Key[i % 4];
            }
        }

        frame.Write(body);
        return frame.ToArray();
    }

    /// <summary>A client's close frame.</summary>
    public static byte[] BuildClose(int status, ReadOnlySpan<byte> reason = default) =>
        Build(Close, [(byte)(status >> 8), (byte)status, .. reason]);
}
