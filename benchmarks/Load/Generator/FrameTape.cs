using System.Buffers.Binary;
using System.Text;

namespace RawSocketChat.Load.Generator;

/// <summary>
/// Masked frames, encoded once, each with a payload of its own, in a row that repeats, all of it or all but its beginning: any run of
/// frames up to the depth lies in one piece, wherever it begins, and so takes one system call.
/// </summary>
internal sealed class FrameTape
{
    private const int LeastDifferentFrames = 8;

    private readonly byte[] _bytes;
    private readonly int[] _offsets;
    private readonly byte[][] _payloads;
    private readonly int _repeatsFrom;

    /// <summary>Makes a tape.</summary>
    /// <param name="payloadSize">The size of each payload in bytes.</param>
    /// <param name="isText">Whether the messages are text, of one to four bytes a character.</param>
    /// <param name="depth">The longest run.</param>
    /// <param name="seed">What distinguishes it from other tapes.</param>
    public FrameTape(int payloadSize, bool isText, int depth, int seed)
    {
        var random = new Random(seed);
        var period = Math.Max(depth, LeastDifferentFrames);
        _payloads = [.. Enumerable.Range(0, period).Select(_ => isText ? Text(payloadSize, random) : Binary(payloadSize, random))];
        (_bytes, _offsets) = Lay([.. _payloads.Select(payload => Encode(payload, isText, isCompressed: false, Mask(random)))], 0, depth);
    }

    /// <summary>Makes a tape of compressed text.</summary>
    /// <param name="payloads">What the messages are when they are inflated: a period.</param>
    /// <param name="compressed">What they are on the wire: one period, or several, of which the last one repeats.</param>
    /// <param name="depth">The longest run: a period at most.</param>
    /// <param name="seed">What its masks are made of.</param>
    public FrameTape(byte[][] payloads, IEnumerable<byte[]> compressed, int depth, int seed)
    {
        var random = new Random(seed);
        byte[][] frames = [.. compressed.Select(payload => Encode(payload, isText: true, isCompressed: true, Mask(random)))];
        _payloads = payloads;
        _repeatsFrom = frames.Length - payloads.Length;
        (_bytes, _offsets) = Lay(frames, _repeatsFrom, depth);
    }

    /// <summary>After how many frames the payloads repeat.</summary>
    public int Period => _payloads.Length;

    /// <summary>The bytes of a run.</summary>
    /// <param name="position">Where it begins: 0, or where the run before it ends.</param>
    /// <param name="count">How many frames: at most the depth.</param>
    public ReadOnlyMemory<byte> Run(int position, int count) => _bytes.AsMemory(_offsets[position].._offsets[position + count]);

    /// <summary>Where a run ends, and so the next begins.</summary>
    public int End(int position, int count) =>
        position + count < _repeatsFrom + Period ? position + count : position + count - Period;

    /// <summary>The payload of a message by its number, as it is when it is inflated.</summary>
    public ReadOnlySpan<byte> Payload(long number) => _payloads[number % Period];

    // What repeats is laid behind the row again, as far as the longest run reaches.
    private static (byte[] Bytes, int[] Offsets) Lay(byte[][] frames, int repeatsFrom, int depth)
    {
        byte[][] row = [.. frames, .. frames.Skip(repeatsFrom).Take(depth)];
        var offsets = new int[row.Length + 1];
        for (var i = 0; i < row.Length; i++)
        {
            offsets[i + 1] = offsets[i] + row[i].Length;
        }

        return ([.. row.SelectMany(frame => frame)], offsets);
    }

    private static uint Mask(Random random) => (uint)random.Next(1, int.MaxValue);

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

    private static byte[] Encode(byte[] payload, bool isText, bool isCompressed, uint mask)
    {
        var lengthSize = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        var frame = new byte[2 + lengthSize + 4 + payload.Length];
        frame[0] = (byte)(0x80 | (isCompressed ? 0x40 : 0) | (isText ? 1 : 2));
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
