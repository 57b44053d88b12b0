using System.Buffers.Binary;
using System.Text;

namespace RawSocketChat.Load.Generator;

/// <summary>
/// Masked frames, encoded once, each with a payload of its own, in a row that repeats: any run of frames up to the depth lies in one piece,
/// wherever it begins, and so takes one system call.
/// </summary>
internal sealed class FrameTape
{
    private const int LeastDifferentFrames = 8;

    private readonly byte[] _bytes;
    private readonly int[] _offsets;
    private readonly byte[][] _payloads;

    /// <summary>Makes a tape.</summary>
    /// <param name="payloadSize">The size of each payload in bytes.</param>
    /// <param name="isText">Whether the messages are text, of one to four bytes a character.</param>
    /// <param name="depth">The longest run.</param>
    /// <param name="seed">What distinguishes it from other tapes.</param>
    public FrameTape(int payloadSize, bool isText, int depth, int seed)
    {
        var random = new Random(seed);
        Period = Math.Max(depth, LeastDifferentFrames);
        _payloads = [.. Enumerable.Range(0, Period).Select(_ => isText ? Text(payloadSize, random) : Binary(payloadSize, random))];

        var frames = _payloads.Select(payload => Encode(payload, isText, (uint)random.Next(1, int.MaxValue))).ToArray();
        var row = frames.Concat(frames.Take(depth)).ToArray();
        _bytes = [.. row.SelectMany(frame => frame)];
        _offsets = new int[row.Length + 1];
        for (var i = 0; i < row.Length; i++)
        {
            _offsets[i + 1] = _offsets[i] + row[i].Length;
        }
    }

    /// <summary>After how many frames the row repeats.</summary>
    public int Period { get; }

    /// <summary>The bytes of a run.</summary>
    /// <param name="position">Where it begins: less than the period.</param>
    /// <param name="count">How many frames: at most the depth.</param>
    public ReadOnlyMemory<byte> Run(int position, int count) => _bytes.AsMemory(_offsets[position].._offsets[position + count]);

    /// <summary>The payload at a position.</summary>
    public ReadOnlySpan<byte> Payload(int position) => _payloads[position];

    private static byte[] Binary(int size, Random random)
    {
        var payload = new byte[size];
        random.NextBytes(payload);
        return payload;
    }

    private static byte[] Text(int size, Random random)
    {
        string[] words = ["chat ", "hello ", "déjà vu ", "naïve ", "你好 ", "再见 ", "🦊 ", "the quick brown fox "];
        var payload = new byte[size];
        payload.AsSpan().Fill((byte)'.');
        for (var filled = 0; ;)
        {
            var word = Encoding.UTF8.GetBytes(words[random.Next(words.Length)]);
            if (filled + word.Length > size)
            {
                return payload;
            }

            word.CopyTo(payload, filled);
            filled += word.Length;
        }
    }

    private static byte[] Encode(byte[] payload, bool isText, uint mask)
    {
        var lengthSize = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + lengthSize + 4 + payload.Length];
        frame[0] = (byte)(0x80 | (isText ? 1 : 2));
        frame[1] = (byte)(0x80 | (lengthSize switch { 0 => payload.Length, 2 => 126, _ => 127 }));
        switch (lengthSize)
        {
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
                break;
            default:
                break;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(2 + lengthSize), mask);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[2 + lengthSize + 4 + i] = (byte)(payload[i] ^ (mask >> (8 * (i & 3))));
        }

        return frame;
    }
}
