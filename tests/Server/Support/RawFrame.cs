using System.Buffers.Binary;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Server.Tests.Support;

/// <summary>A frame as it came from the server.</summary>
internal sealed record RawFrame(bool IsFinal, Opcode Opcode, byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public int CloseStatus => Opcode == Opcode.Close ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 0;
}
