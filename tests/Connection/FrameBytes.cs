using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>Frames as bytes, for a peer that is played by a test.</summary>
internal static class FrameBytes
{
    /// <summary>A frame as the peer of that role receives it: masked where that is a server.</summary>
    public static byte[] To(EndpointRole receiver, Opcode opcode, ReadOnlySpan<byte> payload, bool final = true)
    {
        var masked = receiver == EndpointRole.Server;
        var header = new FrameHeader(final, opcode, masked, masked ? 0x3D21FA37u : 0, payload.Length);
        var frame = new byte[header.Size + payload.Length];
        header.Write(frame);
        Masking.Copy(payload, frame.AsSpan(header.Size), header.MaskKey);
        return frame;
    }

    /// <summary>A close frame.</summary>
    public static byte[] CloseTo(EndpointRole receiver, int status, string reason = "")
    {
        var payload = new byte[FrameHeader.MaxControlPayload];
        var length = ClosePayload.Write(payload, (System.Net.WebSockets.WebSocketCloseStatus)status, reason);
        return To(receiver, Opcode.Close, payload.AsSpan(0, length));
    }
}
