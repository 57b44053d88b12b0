using System.Buffers;
using System.Globalization;

using RawSocketChat.Dialing;

namespace RawSocketChat.Opening;

/// <summary>The beginning of the content of an answer that is no 101: enough to tell what the server has to say, and never more.</summary>
internal static class RefusalBody
{
    /// <summary>As many bytes are shown.</summary>
    public const int MaxLength = 4096;

    // What a chunk may cost beyond its content: without a bound, chunks of one byte with long extensions would never fill the rest.
    private const int MaxRawLength = 4 * MaxLength;

    /// <summary>Reads behind the answer's head until there is enough, or no more, or no time: what has come by then is what there is.</summary>
    /// <param name="transport">It stands behind the head, and is of no use afterwards.</param>
    /// <param name="statusCode">The answer's status.</param>
    /// <param name="contentLength">The Content-Length field; null for none.</param>
    /// <param name="transferEncoding">The Transfer-Encoding field; null for none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        Transport transport, int statusCode, string? contentLength, string? transferEncoding, CancellationToken cancellationToken)
    {
        // RFC 9112 §6.3: a 204 and a 304 end with their head. Where both fields are there, the transfer's counts.
        if (statusCode is 204 or 304)
        {
            return default;
        }

        var isChunked = transferEncoding is not null;
        var length = !isChunked && ulong.TryParse(contentLength, NumberStyles.None, CultureInfo.InvariantCulture, out var told)
            ? (int)Math.Min(told, MaxLength)
            : MaxLength;
        var raw = new ArrayBufferWriter<byte>();
        try
        {
            while (!IsEnough(raw.WrittenSpan, isChunked, length) && await ReadOnAsync(transport, raw, cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (Exception over) when (over is OperationCanceledException || over.IsLoss())
        {
            // The refusal is what counts; its explanation may be cut short.
        }

        return isChunked ? Dechunk(raw.WrittenSpan, out _) : raw.WrittenMemory[..Math.Min(raw.WrittenCount, length)];
    }

    private static bool IsEnough(ReadOnlySpan<byte> raw, bool isChunked, int length)
    {
        if (!isChunked)
        {
            return raw.Length >= length;
        }

        var content = Dechunk(raw, out var isWhole);
        return isWhole || content.Length == MaxLength || raw.Length >= MaxRawLength;
    }

    private static async ValueTask<bool> ReadOnAsync(Transport transport, ArrayBufferWriter<byte> raw, CancellationToken cancellationToken)
    {
        var result = await transport.ReadOnceAsync(cancellationToken).ConfigureAwait(false);
        var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, MaxRawLength - raw.WrittenCount));
        foreach (var segment in piece)
        {
            raw.Write(segment.Span);
        }

        transport.Input.AdvanceTo(result.Buffer.End);
        return !result.IsCompleted;
    }

    // RFC 9112 §7.1: chunk-size in hexadecimal, extensions, CRLF, as many bytes, CRLF; the last chunk has size 0. What is not so ends it.
    private static byte[] Dechunk(ReadOnlySpan<byte> raw, out bool isWhole)
    {
        var content = new List<byte>();
        while (content.Count < MaxLength)
        {
            isWhole = true;
            var end = raw.IndexOf("\r\n"u8);
            if (end < 0)
            {
                isWhole = false;
                return [.. content];
            }

            var digits = raw[..end];
            var extension = digits.IndexOf((byte)';');
            digits = (extension < 0 ? digits : digits[..extension]).Trim(" \t"u8);
            if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size == 0)
            {
                return [.. content];
            }

            raw = raw[(end + 2)..];
            var here = (int)Math.Min(size, (uint)Math.Min(raw.Length, MaxLength - content.Count));
            content.AddRange(raw[..here]);
            if (raw.Length < (long)size + 2)
            {
                isWhole = false;
                return [.. content];
            }

            raw = raw[((int)size + 2)..];
        }

        isWhole = true;
        return [.. content];
    }
}
