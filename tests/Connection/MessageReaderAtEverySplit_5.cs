using System.Buffers;
using System.IO.Compression;
using System.Text;

using RawSocketChat.Framing;
using RawSocketChat.Receiving;

namespace RawSocketChat.Connection.Tests;

/// <summary>However the bytes are cut, the reader tells the same.</summary>
public sealed class MessageReaderAtEverySplit_5
{
    private const int MaxMessage = 1000;

    private static readonly (string Name, Func<EndpointRole, byte[]> Bytes)[] Streams =
    [
        ("text", role => FrameBytes.To(role, Opcode.Text, "Grüße, 你好 😀"u8)),
        ("empty", role => FrameBytes.To(role, Opcode.Text, [])),
        ("binary of 126 and 300", role => [.. FrameBytes.To(role, Opcode.Binary, new byte[126]), .. FrameBytes.To(role, Opcode.Binary, new byte[300])]),
        ("fragments with control frames between", role =>
        [
            .. FrameBytes.To(role, Opcode.Text, "Gr\u00FC"u8[..3], final: false),
            .. FrameBytes.To(role, Opcode.Ping, "p1"u8),
            .. FrameBytes.To(role, Opcode.Continuation, "\u00FC"u8[1..], final: false),
            .. FrameBytes.To(role, Opcode.Continuation, [], final: false),
            .. FrameBytes.To(role, Opcode.Pong, "p2"u8),
            .. FrameBytes.To(role, Opcode.Continuation, "ße"u8),
            .. FrameBytes.CloseTo(role, 1000, "bye"),
        ]),
        ("text that is not UTF-8", role => [.. FrameBytes.To(role, Opcode.Text, "fine"u8), .. FrameBytes.To(role, Opcode.Text, [0xC0, 0xAF])]),
        ("text cut off at its end", role => FrameBytes.To(role, Opcode.Text, [0xE4, 0xBD])),
        ("a message at the limit", role => FrameBytes.To(role, Opcode.Binary, new byte[MaxMessage])),
        ("a message beyond the limit", role => FrameBytes.To(role, Opcode.Binary, new byte[MaxMessage + 1])),
        ("fragments beyond the limit", role =>
        [
            .. FrameBytes.To(role, Opcode.Binary, new byte[MaxMessage], final: false),
            .. FrameBytes.To(role, Opcode.Continuation, new byte[1]),
        ]),
        ("a close with an invalid status", role => FrameBytes.To(role, Opcode.Close, [0x03, 0xED])),
    ];

    // RFC 7692, with context takeover.
    private static readonly (string Name, Func<EndpointRole, byte[]> Bytes)[] CompressedStreams =
    [
        ("text, and again, referring to it", role =>
        [
            .. Compressed(role, Opcode.Text, "F2 48 CD C9 C9 07 00"), .. Compressed(role, Opcode.Text, "F2 00 11 00 00"),
        ]),
        ("one that is not compressed between two that are", role =>
        [
            .. Compressed(role, Opcode.Text, "F2 48 CD C9 C9 07 00"),
            .. FrameBytes.To(role, Opcode.Binary, new byte[10]),
            .. Compressed(role, Opcode.Text, "F2 00 11 00 00"),
        ]),
        ("empty", role => Compressed(role, Opcode.Text, "00")),
        ("fragments with control frames between", role =>
        [
            .. Compressed(role, Opcode.Text, "F2 48", final: false),
            .. FrameBytes.To(role, Opcode.Ping, "p1"u8),
            .. FrameBytes.To(role, Opcode.Continuation, [], final: false),
            .. FrameBytes.To(role, Opcode.Continuation, [0xCD, 0xC9, 0xC9, 0x07], final: false),
            .. FrameBytes.To(role, Opcode.Pong, "p2"u8),
            .. FrameBytes.To(role, Opcode.Continuation, [0x00]),
            .. FrameBytes.CloseTo(role, 1000, "bye"),
        ]),
        ("a last fragment of nothing", role =>
        [
            .. Compressed(role, Opcode.Binary, "F2 48 CD C9 C9 07 00", final: false), .. FrameBytes.To(role, Opcode.Continuation, []),
        ]),
        ("text that is not UTF-8", role => [.. FrameBytes.To(role, Opcode.Text, "fine"u8), .. Deflated(role, Opcode.Text, [0xC0, 0xAF])]),
        ("text cut off at its end", role => Deflated(role, Opcode.Text, [0xE4, 0xBD])),
        ("a message at the limit", role => Deflated(role, Opcode.Binary, new byte[MaxMessage])),
        ("a message beyond the limit", role => Deflated(role, Opcode.Binary, new byte[MaxMessage + 1])),
        ("no deflate", role => [.. Deflated(role, Opcode.Text, "fine"u8.ToArray()), .. Compressed(role, Opcode.Text, "07 01 02")]),
        ("a message that ends in the middle of a block", role => Compressed(role, Opcode.Text, "F2 48 CD")),
        ("RSV1 on a continuation", role =>
        [
            .. Compressed(role, Opcode.Text, "F2 48", final: false), .. Compressed(role, Opcode.Continuation, "CD C9 C9 07 00"),
        ]),
        ("RSV1 on a ping", role => Compressed(role, Opcode.Ping, "00")),
    ];

    [Test]
    public void Messages_are_the_same_whole_in_two_parts_and_byte_by_byte(
        [Range(0, 9)] int stream, [Values] EndpointRole role, [Values] bool pieces) =>
        AssertSameHoweverCut(Streams[stream], role, pieces, null);

    [Test]
    public void Compressed_messages_are_as_well([Range(0, 12)] int stream, [Values] EndpointRole role, [Values] bool pieces) =>
        AssertSameHoweverCut(CompressedStreams[stream], role, pieces, new(15, true, 15, true));

    [Test]
    public void A_long_compressed_message_comes_in_pieces_of_bounded_size([Values(1, 7, 100_000)] int part)
    {
        var message = new byte[1_000_000];
        new Random(3).NextBytes(message.AsSpan(0, 100_000));
        var bytes = Deflated(EndpointRole.Server, Opcode.Binary, message);
        var parts = bytes.Chunk(part == 1 ? 997 : part == 7 ? 10_007 : part).ToArray();

        Read(EndpointRole.Server, pieces: true, parts, new(15, false, 15, false)).Should().Be(Convert.ToHexString(message) + " Binary\n");
    }

    private static void AssertSameHoweverCut((string Name, Func<EndpointRole, byte[]> Bytes) stream, EndpointRole role, bool pieces, PerMessageDeflate? deflate)
    {
        var (name, build) = stream;
        var bytes = build(role);
        var whole = Read(role, pieces, [bytes], deflate);
        whole.Should().NotBeEmpty();

        for (var split = 0; split <= bytes.Length; split++)
        {
            Read(role, pieces, [bytes[..split], bytes[split..]], deflate).Should().Be(whole, "{0}: received in two parts at {1}", name, split);
            Read(role, pieces, [Segments(bytes[..split], bytes[split..])], deflate).Should().Be(whole, "{0}: two segments at {1}", name, split);
        }

        Read(role, pieces, [.. bytes.Select(octet => new ReadOnlySequence<byte>(new[] { octet }))], deflate).Should().Be(whole, "{0}: byte by byte", name);
        Read(role, pieces, [Segments([.. bytes.Select(octet => new[] { octet })])], deflate).Should().Be(whole, "{0}: a byte a segment", name);
    }

    private static string Read(EndpointRole role, bool pieces, byte[][] received, PerMessageDeflate? deflate) =>
        Read(role, pieces, [.. received.Select(each => new ReadOnlySequence<byte>([.. each]))], deflate);

    // Everything that the reader tells, as text; pieces of one message are put together.
    private static string Read(EndpointRole role, bool pieces, ReadOnlySequence<byte>[] received, PerMessageDeflate? deflate)
    {
        var pool = new TrackingPool();
        var told = new StringBuilder();
        var left = Array.Empty<byte>();
        using (var reader = new MessageReader(role, OptionsOf(pieces, pool), deflate))
        {
            foreach (var part in received)
            {
                // What was not taken is shown again, with what has come since.
                var buffer = left.Length == 0 ? Copy(part) : new ReadOnlySequence<byte>([.. left, .. part.ToArray()]);
                if (!ReadAll(reader, pieces, ref buffer, told))
                {
                    break;
                }

                left = buffer.ToArray();
                left.Length.Should().BeLessThan(deflate is not null && pieces ? int.MaxValue : FrameHeader.MaxSize + FrameHeader.MaxControlPayload, "only a header or a control frame is left");
            }
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
        return told.ToString();
    }

    private static WebSocketConnectionOptions OptionsOf(bool pieces, TrackingPool pool) => new()
    {
        MaxMessageSize = pieces ? int.MaxValue : MaxMessage,
        MaxFragmentsPerMessage = int.MaxValue,
        BufferPool = pool,
    };

    private static byte[] Deflated(EndpointRole role, Opcode opcode, byte[] message)
    {
        using var deflater = new MessageDeflater(15, contextTakeover: false, CompressionLevel.Optimal, ArrayPool<byte>.Shared);
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(message, endOfMessage: true, output);
        return Compressed(role, opcode, Convert.ToHexString(output.WrittenSpan));
    }

    private static byte[] Compressed(EndpointRole role, Opcode opcode, string payload, bool final = true)
    {
        var frame = FrameBytes.To(role, opcode, Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal)), final);
        frame[0] |= 0x40;
        return frame;
    }

    private static bool ReadAll(MessageReader reader, bool pieces, ref ReadOnlySequence<byte> buffer, StringBuilder told)
    {
        while (true)
        {
            var found = reader.Read(ref buffer, pieces);
            switch (found)
            {
                case ReadEvent.NeedMoreData:
                    return true;
                case ReadEvent.Piece:
                    told.Append(Convert.ToHexString(reader.Payload.Span)).Append(reader.EndOfMessage ? $" {reader.Type}\n" : "");
                    break;
                case ReadEvent.Message:
                    told.Append(Convert.ToHexString(reader.Payload.Span)).Append($" {reader.Type}\n");
                    break;
                case ReadEvent.Close:
                    ClosePayload.Read(reader.Payload.Span, out var status, out var reason).Should().BeNull();
                    told.Append($"close {(int)status} {reason}\n");
                    return false;
                case ReadEvent.Violation:
                    // In pieces, what comes before the fault may have been told already: how much depends on the cut.
                    var end = pieces ? told.ToString().LastIndexOf('\n') + 1 : told.Length;
                    told.Length = end;
                    told.Append(reader.Violation);
                    return false;
                default:
                    // A control frame between pieces stands where it stood.
                    if (!pieces)
                    {
                        told.Append($"{found} {Convert.ToHexString(reader.Payload.Span)}\n");
                    }

                    break;
            }
        }
    }

    // The reader unmasks in place: each run has bytes of its own.
    private static ReadOnlySequence<byte> Copy(ReadOnlySequence<byte> sequence)
    {
        var parts = new List<byte[]>();
        foreach (var segment in sequence)
        {
            parts.Add(segment.ToArray());
        }

        return Segments([.. parts]);
    }

    private static ReadOnlySequence<byte> Segments(params byte[][] parts)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (var part in parts)
        {
            last = last is null ? first = new Segment([.. part], 0) : last.Append([.. part]);
        }

        return first is null ? default : new(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
