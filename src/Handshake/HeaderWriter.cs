using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake;

/// <summary>Writes field lines (RFC 9112 §5) whose names and values have been checked.</summary>
internal static class HeaderWriter
{
    public static void WriteAll(IBufferWriter<byte> output, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            Write(output, headers[i].Key, headers[i].Value);
        }
    }

    public static void Write(IBufferWriter<byte> output, string name, string value)
    {
        Encoding.UTF8.GetBytes(name, output);
        output.Write(": "u8);
        Encoding.UTF8.GetBytes(value, output);
        output.Write("\r\n"u8);
    }
}
