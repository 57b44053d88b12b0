using System.Globalization;
using System.Runtime;
using System.Security.Cryptography;
using System.Text;

namespace BareTcp;

/// <summary>Just enough of HTTP: the upgrade, and what the server tells about itself.</summary>
internal static class Opening
{
    /// <summary>The length of the request's head; 0 where it is not whole yet.</summary>
    public static int Length(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) is var end and >= 0 ? end + 4 : 0;

    /// <summary>The answer to a request's head.</summary>
    /// <param name="bytes">The head.</param>
    /// <param name="path">What an upgrade asks for; null where it was plain HTTP.</param>
    /// <returns>The bytes to send.</returns>
    public static byte[] Answer(ReadOnlySpan<byte> bytes, out string? path)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split("\r\n");
        var asked = lines[0].Split(' ')[1];
        var key = lines.FirstOrDefault(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))?[18..].Trim();
        path = key is null ? null : asked;
        return Encoding.ASCII.GetBytes(key is null ? Stats(collect: asked.EndsWith("?collect", StringComparison.Ordinal)) : Switching(key));
    }

    private static string Stats(bool collect)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var heap = GC.GetTotalMemory(forceFullCollection: collect);
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"allocatedBytes":{{allocated}},"heapBytes":{{heap}},"compiledMethods":{{JitInfo.GetCompiledMethodCount()}}}""");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    // RFC 6455 §4.2.2 item 5.4; SHA-1 is what it asks for.
#pragma warning disable CA5350
    private static string Switching(string key) =>
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))) + "\r\n\r\n";
#pragma warning restore CA5350
}
