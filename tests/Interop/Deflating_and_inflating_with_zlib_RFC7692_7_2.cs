using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

using RawSocketChat.Framing;
using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

/// <summary>zlib as the oracle: seeded messages, every window, every level, both ways.</summary>
public class Deflating_and_inflating_with_zlib_RFC7692_7_2
{
    private const int Messages = 40;

    private static readonly int[] Windows = [8, 9, 10, 11, 12, 13, 14, 15];

    [Test]
    public async Task What_is_deflated_here_zlib_inflates_in_just_that_window(
        [Values] bool takeover, [Values(CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize)] CompressionLevel level)
    {
        var messages = Windows.ToDictionary(bits => bits, SeededMessages);
        var jobs = Windows.Select(bits =>
        {
            using var deflater = new MessageDeflater(bits, takeover, level, ArrayPool<byte>.Shared);
            return new Job("inflate", bits, takeover, [.. messages[bits].Select(message => Deflate(deflater, message))]);
        });

        foreach (var (bits, results) in Windows.Zip(await ZlibAsync(jobs)))
        {
            ShouldBeTheSame(results, messages[bits], bits);
        }
    }

    // With the least memory zlib makes the most blocks, and of each kind: level 0 stores, and 1 to 9 choose between fixed and dynamic codes.
    [Test]
    public async Task What_zlib_deflates_is_inflated_here_in_just_that_window(
        [Values] bool takeover, [Values(0, 1, 4, 6, 9)] int level, [Values(1, 9)] int memLevel)
    {
        var messages = Windows.ToDictionary(bits => bits, SeededMessages);
        var jobs = Windows.Select(bits => new Job("deflate", bits, takeover, messages[bits]) { Level = level, MemLevel = memLevel });

        foreach (var (bits, results) in Windows.Zip(await ZlibAsync(jobs)))
        {
            using var inflater = new MessageInflater(bits, takeover, ArrayPool<byte>.Shared);
            ShouldBeTheSame([.. results.Select(result => Inflate(inflater, result))], messages[bits], bits);
        }
    }

    private static async Task<IReadOnlyList<byte[][]>> ZlibAsync(IEnumerable<Job> jobs)
    {
        var folder = Directory.CreateTempSubdirectory("zlib-");
        try
        {
            var file = Path.Combine(folder.FullName, "jobs");
            await File.WriteAllLinesAsync(file, jobs.Select(job => JsonSerializer.Serialize(job, JsonSerializerOptions.Web)));
            var script = Path.Combine(Repository.Root, "tests", "Interop", "clients", "zlib.mjs");
            using var node = ChildProcess.Start("node", [script, file], Repository.Root);
            (await node.WaitAsync(TimeSpan.FromMinutes(2))).Should().Be(0, "{0}", node.Output);
            var results = node.OutputLines.Select(line => JsonSerializer.Deserialize<byte[][]>(line)!).ToList();
            results.Should().HaveCount(Windows.Length);
            return results;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void ShouldBeTheSame(byte[][] results, byte[][] messages, int bits)
    {
        results.Should().HaveCount(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            results[i].AsSpan().SequenceEqual(messages[i]).Should().BeTrue($"message {i} of {messages[i].Length} bytes comes back from a window of {bits} bits");
        }
    }

    // Pieces of what was before, from near and far, among new ones: matches of every length and distance.
    private static byte[][] SeededMessages(int seed)
    {
        var random = new Random(seed);
        var said = new List<byte>();
        return [.. Enumerable.Range(0, Messages).Select(_ => Message())];

        byte[] Message()
        {
            var message = new List<byte>();
            var length = random.Next(4) == 0 ? random.Next(60_000) : random.Next(300);
            while (message.Count < length)
            {
                var piece = new byte[random.Next(1, 300)];
                switch (random.Next(4))
                {
                    case 0:
                        random.NextBytes(piece);
                        break;
                    case 1:
                        Array.Fill(piece, (byte)random.Next(256));
                        break;
                    case 2 when said.Count > 0:
                        var from = said.Count - random.Next(1, Math.Min(said.Count, 33_000) + 1);
                        piece = [.. said.Skip(from).Take(piece.Length)];
                        break;
                    default:
                        piece = Encoding.UTF8.GetBytes($"{{\"name\":\"小林{random.Next(20)}\",\"text\":\"你好 👋 {random.Next(100)}\"}}");
                        break;
                }

                message.AddRange(piece);
                said.AddRange(piece);
            }

            return [.. message];
        }
    }

    private static byte[] Deflate(MessageDeflater deflater, byte[] message)
    {
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(message, endOfMessage: true, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Inflate(MessageInflater inflater, ReadOnlySpan<byte> compressed)
    {
        var output = new MemoryStream();
        var destination = new byte[1000];
        InflateStatus status;
        do
        {
            status = inflater.Inflate(compressed, endOfMessage: true, destination, out var consumed, out var written);
            status.Should().NotBe(InflateStatus.InvalidData).And.NotBe(InflateStatus.NeedMoreData);
            output.Write(destination, 0, written);
            compressed = compressed[consumed..];
        }
        while (status != InflateStatus.Done);
        return output.ToArray();
    }

    private sealed record Job(string Do, int WindowBits, bool Takeover, byte[][] Messages)
    {
        public int Level { get; init; } = 6;

        public int MemLevel { get; init; } = 8;
    }
}
