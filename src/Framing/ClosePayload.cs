using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;

namespace RawSocketChat.Framing;

/// <summary>The payload of a close frame (RFC 6455 §5.5.1, §7.4): nothing, or a status code and a reason in UTF-8.</summary>
public static class ClosePayload
{
    /// <summary>The longest reason in bytes of UTF-8: a control frame's 125, less the status code.</summary>
    public const int MaxReasonBytes = FrameHeader.MaxControlPayload - sizeof(ushort);

    private const ushort FirstPrivate = 3000;
    private const ushort LastPrivate = 4999;

    /// <summary>Whether a status code may appear in a close frame, either way.</summary>
    /// <param name="status">Any number.</param>
    /// <returns>
    /// True for the codes that RFC 6455 §7.4.1 defines for the wire (1000-1003, 1007-1011), those registered since (1012-1014),
    /// and the ranges for libraries and applications (3000-4999).
    /// </returns>
    public static bool IsValidStatus(int status) => status switch
    {
        // RFC 6455 §7.4.1: "is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint."
        // That is said of 1005, 1006 and 1015; 1004 is reserved without a meaning.
        1004 or 1005 or 1006 or 1015 => false,
        >= 1000 and <= 1014 => true,
        >= FirstPrivate and <= LastPrivate => true,
        _ => false,
    };

    /// <summary>Reads and judges the payload of a close frame.</summary>
    /// <param name="payload">The whole payload, unmasked, 0 to 125 bytes.</param>
    /// <param name="status">The status code, or <see cref="WebSocketCloseStatus.Empty"/> (1005) where the payload is empty.</param>
    /// <param name="reason">The reason, or an empty string.</param>
    /// <returns>The rule that the payload breaks, or null.</returns>
    public static ProtocolViolation? Read(ReadOnlySpan<byte> payload, out WebSocketCloseStatus status, out string reason)
    {
        status = WebSocketCloseStatus.Empty;
        reason = "";
        if (payload.IsEmpty)
        {
            return null;
        }

        // RFC 6455 §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
        if (payload.Length < sizeof(ushort))
        {
            return ProtocolViolation.TruncatedCloseStatus;
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!IsValidStatus(code))
        {
            return ProtocolViolation.InvalidCloseStatus;
        }

        // RFC 6455 §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a
        // valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
        var text = payload[sizeof(ushort)..];
        if (!Utf8.IsValid(text))
        {
            return ProtocolViolation.InvalidCloseReason;
        }

        status = (WebSocketCloseStatus)code;
        reason = Encoding.UTF8.GetString(text);
        return null;
    }

    /// <summary>Writes the payload of a close frame.</summary>
    /// <param name="destination">At least 125 bytes.</param>
    /// <param name="status">
    /// A code for which <see cref="IsValidStatus"/> holds, or <see cref="WebSocketCloseStatus.Empty"/> for an empty payload.
    /// </param>
    /// <param name="reason">The reason; at most <see cref="MaxReasonBytes"/> of it are written, cut at a character's end.</param>
    /// <returns>How many bytes were written: 0, or 2 to 125.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> must not be sent.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int Write(Span<byte> destination, WebSocketCloseStatus status, ReadOnlySpan<char> reason)
    {
        if (destination.Length < FrameHeader.MaxControlPayload)
        {
            throw new ArgumentException($"A close payload needs {FrameHeader.MaxControlPayload} bytes.", nameof(destination));
        }

        if (status == WebSocketCloseStatus.Empty)
        {
            return 0;
        }

        if (!IsValidStatus((int)status))
        {
            throw new ArgumentOutOfRangeException(
                nameof(status),
                (int)status,
                "The status code must not appear on the wire (RFC 6455 §7.4).");
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)status);
        Utf8.FromUtf16(reason, destination.Slice(sizeof(ushort), MaxReasonBytes), out _, out var written);
        return sizeof(ushort) + written;
    }
}
