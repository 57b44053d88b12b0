using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Inflating_RFC7692_7_2_2
{
    private static readonly string[] Kinds = ["random", "zeros", "text", "chat", "CJK", "few", "far"];
    private static readonly int[] Pieces = [1, 2, 3, 7, 64, int.MaxValue];

    [TestCase("F2 48 CD C9 C9 07 00", TestName = "7.2.3.1: one compressed block")]
    [TestCase("00 05 00 FA FF 48 65 6C 6C 6F 00", TestName = "7.2.3.3: a block without compression")]
    [TestCase("F3 48 CD C9 C9 07 00 00", TestName = "7.2.3.4: a block with BFINAL set")]
    [TestCase("F2 48 05 00 00 00 FF FF CA C9 C9 07 00", TestName = "7.2.3.5: two blocks in one message")]
    [TestCase("F3 48 CD C9 C9 07 00", TestName = "a block with BFINAL set, and nothing behind it")]
    [TestCase("01 05 00 FA FF 48 65 6C 6C 6F", TestName = "a stored block with BFINAL set, and nothing behind it")]
    [TestCase("00 00 00 FF FF 00 00 00 FF FF F2 48 CD C9 C9 07 00", TestName = "empty blocks before")]
    [TestCase("F2 48 CD C9 C9 07 00 00 00 FF FF 00", TestName = "an empty block more behind")]
    [TestCase("F2 48 CD C9 C9 07 00 00 00 FF FF", TestName = "with the four bytes that are to be left out")]
    [TestCase("F3 48 05 00 CB C9 C9 07 00", TestName = "two blocks with BFINAL set")]
    public void Hello_is_read_however_it_is_cut(string message)
    {
        var bytes = Wire.Hex(message);
        foreach (var piece in Pieces)
        {
            foreach (var room in Pieces)
            {
                var inflated = Compressed.Inflate(bytes, sourcePiece: piece, destinationPiece: Math.Min(room, 100));
                (inflated is null ? "invalid" : Encoding.UTF8.GetString(inflated)).Should().Be("Hello");
            }
        }
    }

    [Test]
    public void With_takeover_a_message_refers_to_the_one_before()
    {
        using var inflater = new MessageInflater(15, contextTakeover: true, ArrayPool<byte>.Shared);

        Compressed.Inflate(inflater, Wire.Hex("F2 48 CD C9 C9 07 00")).Should().Equal("Hello"u8.ToArray());
        Compressed.Inflate(inflater, Wire.Hex("F2 00 11 00 00")).Should().Equal("Hello"u8.ToArray());
    }

    [Test]
    public void Without_takeover_it_must_not()
    {
        using var inflater = new MessageInflater(15, contextTakeover: false, ArrayPool<byte>.Shared);

        Compressed.Inflate(inflater, Wire.Hex("F2 48 CD C9 C9 07 00")).Should().Equal("Hello"u8.ToArray());
        Compressed.Inflate(inflater, Wire.Hex("F2 00 11 00 00")).Should().BeNull();
    }

    [Test]
    public void The_window_outlives_a_block_with_BFINAL_set()
    {
        using var inflater = new MessageInflater(15, contextTakeover: true, ArrayPool<byte>.Shared);

        Compressed.Inflate(inflater, Wire.Hex("F3 48 CD C9 C9 07 00 00")).Should().Equal("Hello"u8.ToArray());
        Compressed.Inflate(inflater, Wire.Hex("F2 00 11 00 00")).Should().Equal("Hello"u8.ToArray());
    }

    [TestCase("00")]
    [TestCase("")]
    [TestCase("02 00")]
    [TestCase("03 00")]
    public void An_empty_message_is_empty(string message) => Compressed.Inflate(Wire.Hex(message)).Should().BeEmpty();

    [TestCase("07", TestName = "a block of the third kind")]
    [TestCase("FF FF FF", TestName = "ones")]
    [TestCase("00 05 00 FA FE 48 65 6C 6C 6F 00", TestName = "a length that is not its complement's")]
    [TestCase("00 06 00 F9 FF 48 65 6C 6C 6F", TestName = "a stored block cut off")]
    [TestCase("F2 48 CD C9", TestName = "a compressed block cut off")]
    [TestCase("02 13 00 00", TestName = "a distance before the beginning")]
    [TestCase("1B 03 00", TestName = "the length code 286")]
    [TestCase("FD 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", TestName = "too many literal codes")]
    [TestCase("05 00 00 00 00", TestName = "codes of no length")]
    [TestCase("00 00 00", TestName = "a stored block's length cut off")]
    public void What_is_no_deflate_is_told(string message)
    {
        var bytes = Wire.Hex(message);
        foreach (var piece in Pieces)
        {
            Compressed.Inflate(bytes, sourcePiece: piece).Should().BeNull();
        }
    }

    [Test]
    public void What_the_framework_deflates_is_read_however_it_is_cut(
        [ValueSource(nameof(Kinds))] string kind, [Values(CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize, CompressionLevel.NoCompression)] CompressionLevel level)
    {
        foreach (var length in (int[])[1, 10, 100, 1000, 10_000, 100_000, 1_000_000])
        {
            var message = Compressed.Content(kind, length, seed: length);
            using var deflater = new FrameworkDeflater(level);
            var compressed = deflater.Deflate(message);
            foreach (var piece in length > 10_000 ? [1000, int.MaxValue] : Pieces)
            {
                foreach (var room in length > 10_000 ? [999, 65_536] : (int[])[1, 3, 4096])
                {
                    Compressed.Inflate(compressed, 15, piece, room).AsSpan().SequenceEqual(message).Should()
                        .BeTrue($"{length} bytes of {kind}, cut at {piece}, into {room}");
                }
            }
        }
    }

    [Test]
    public void A_thousand_messages_of_the_framework_in_a_row_are_read()
    {
        using var deflater = new FrameworkDeflater(CompressionLevel.Optimal);
        using var inflater = new MessageInflater(15, contextTakeover: true, ArrayPool<byte>.Shared);
        var random = new Random(5);
        for (var i = 0; i < 1000; i++)
        {
            var message = Compressed.Content(Kinds[random.Next(Kinds.Length)], random.Next(i % 100 == 0 ? 100_000 : 3000), seed: i);
            var compressed = deflater.Deflate(message);

            Compressed.Inflate(inflater, compressed, random.Next(1, 5000), random.Next(1, 5000)).AsSpan().SequenceEqual(message).Should().BeTrue();
        }
    }

    [Test]
    public void A_distance_beyond_the_window_is_told_by_every_window([Values(8, 9, 10, 11, 12, 13, 14, 15)] int windowBits)
    {
        // The same random bytes twice, as far apart as a window allows, and one further.
        var random = Compressed.Content("random", 100, seed: 1);
        foreach (var beyond in (int[])[0, 1])
        {
            var distance = (1 << windowBits) + beyond;
            byte[] message = [.. random, .. Compressed.Content("random", distance - random.Length, seed: 2), .. random];
            if (distance > 1 << 15)
            {
                continue;
            }

            var compressed = Compressed.Deflate(message, 15, CompressionLevel.SmallestSize);
            compressed.Length.Should().BeLessThan(message.Length, "it refers to the first");

            var inflated = Compressed.Inflate(compressed, windowBits, destinationPiece: 64);
            (inflated is not null).Should().Be(beyond == 0);
        }
    }

    [Test]
    public void Whatever_comes_ends_and_never_throws()
    {
        var random = new Random(11);
        var message = Compressed.Content("chat", 3000, seed: 1);
        byte[][] good = [Compressed.Deflate(message, 15, CompressionLevel.Optimal), Compressed.Deflate(message[..60], 15, CompressionLevel.Fastest)];
        var (invalid, valid) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[i % 2].ToArray();
            switch (i % 3)
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    random.NextBytes(bytes);
                    break;
            }

            using var inflater = new MessageInflater(random.Next(8, 16), contextTakeover: true, ArrayPool<byte>.Shared);
            var inflated = Compressed.Inflate(inflater, bytes, random.Next(1, 300), random.Next(1, 300));
            _ = inflated is null ? invalid++ : valid++;
        }

        invalid.Should().BeGreaterThan(10_000);
        valid.Should().BePositive("a flipped literal is another literal");
    }

    [Test]
    public void It_agrees_with_the_framework_on_what_is_valid()
    {
        var random = new Random(17);
        var message = Compressed.Content("chat", 1000, seed: 1);
        var good = Compressed.Deflate(message, 15, CompressionLevel.Optimal);
        var agreed = 0;
        for (var i = 0; i < 5000; i++)
        {
            var bytes = good.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var ours = Compressed.Inflate(bytes);
            if (ours is not null)
            {
                using var framework = new FrameworkInflater();
                framework.Inflate(bytes, ours.Length).Should().Equal(ours);
                agreed++;
            }
        }

        agreed.Should().BePositive();
    }

    [Test]
    public void A_bomb_is_bounded_by_its_destination_and_costs_no_memory()
    {
        // 1 GiB of zeros: 64 MiB of them, sixteen times.
        var pool = new CountingPool();
        using var deflater = new MessageDeflater(15, contextTakeover: true, CompressionLevel.Fastest, ArrayPool<byte>.Shared);
        var output = new ArrayBufferWriter<byte>();
        var zeros = new byte[64 * 1024 * 1024];
        deflater.Deflate(zeros, endOfMessage: false, output);
        using var inflater = new MessageInflater(15, contextTakeover: false, pool);
        var destination = new byte[64 * 1024];

        var inflated = 0L;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 16; i++)
        {
            var source = output.WrittenSpan;
            InflateStatus status;
            do
            {
                status = inflater.Inflate(source, endOfMessage: false, destination, out var consumed, out var written);
                source = source[consumed..];
                inflated += written;
            }
            while (status == InflateStatus.DestinationFull);

            status.Should().Be(InflateStatus.NeedMoreData);
        }

        inflated.Should().Be(1L << 30);
        output.WrittenCount.Should().BeLessThan(200 * 1024);
        pool.Out.Should().Be(MessageInflater.MemoryOf(15), "the window is all that it holds");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(64 * 1024);
    }

    [Test]
    public void Everything_is_given_back_between_messages_and_in_the_middle_of_one()
    {
        var pool = new CountingPool();
        var message = Compressed.Content("text", 100_000, seed: 1);
        var compressed = Compressed.Deflate(message, 15, CompressionLevel.Optimal);
        using (var inflater = new MessageInflater(15, contextTakeover: false, pool))
        {
            Compressed.Inflate(inflater, compressed, sourcePiece: 1000).Should().Equal(message);
            pool.Out.Should().Be(0);
        }

        using (var inflater = new MessageInflater(15, contextTakeover: true, pool))
        {
            Compressed.Inflate(inflater, compressed).Should().Equal(message);
            pool.Out.Should().Be(MessageInflater.MemoryOf(15));
        }

        pool.Out.Should().Be(0);
        var left = new MessageInflater(15, contextTakeover: false, pool);
        left.Inflate(compressed.AsSpan(0, 5000), endOfMessage: false, new byte[100_000], out _, out _);
        left.Dispose();
        pool.Out.Should().Be(0);
    }

    [TestCase(7)]
    [TestCase(16)]
    public void A_window_that_there_is_not_is_refused(int windowBits) =>
        FluentActions.Invoking(() => new MessageInflater(windowBits, false, ArrayPool<byte>.Shared)).Should().Throw<ArgumentOutOfRangeException>();
}
