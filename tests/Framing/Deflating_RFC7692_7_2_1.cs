using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Deflating_RFC7692_7_2_1
{
    private static readonly string[] Kinds = ["random", "zeros", "text", "chat", "CJK", "few", "far"];
    private static readonly int[] Lengths = [0, 1, 2, 3, 4, 5, 10, 63, 125, 258, 259, 511, 512, 513, 1000, 4096, 32_768, 40_000, 65_535, 65_536, 300_000];
    private static readonly int[] Windows = [8, 9, 10, 11, 12, 13, 14, 15];

    [Test]
    public void Hello_comes_out_as_in_the_examples_of_RFC_7692_7_2_3_and_the_second_one_shorter_still([ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        using var deflater = new MessageDeflater(15, contextTakeover: true, level, ArrayPool<byte>.Shared);

        Compressed.Deflate(deflater, "Hello"u8).Should().Equal(Wire.Hex("F2 48 CD C9 C9 07 00"));
        Compressed.Deflate(deflater, "Hello"u8).Should().Equal(Wire.Hex("02 13 00 00"), "all five bytes stood five bytes before");
        Compressed.Deflate(deflater, []).Should().Equal(Wire.Hex("00"));
    }

    [Test]
    public void What_is_deflated_alone_the_framework_inflates(
        [ValueSource(nameof(Kinds))] string kind, [ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        foreach (var length in Lengths)
        {
            var message = Compressed.Content(kind, length, seed: length);
            var compressed = Compressed.Deflate(message, 15, level);
            using var inflater = new FrameworkInflater();

            inflater.Inflate(compressed, length).AsSpan().SequenceEqual(message).Should().BeTrue($"{length} bytes of {kind}");
            compressed.Length.Should().BeLessThanOrEqualTo(length + 6 + (5 * (length / DeflateBlock.MostTokens)));
        }
    }

    [Test]
    public void An_output_that_fails_leaves_nothing_behind_for_another_message_of_the_thread([Values] bool takeover)
    {
        var pool = new CountingPool();
        var secret = Compressed.Content("text", 3000, seed: 1);
        using (var failing = new MessageDeflater(15, takeover, CompressionLevel.Optimal, pool))
        {
            failing.Invoking(deflater => deflater.Deflate(secret, endOfMessage: true, new NoRoom())).Should().Throw<IOException>();
            pool.Out.Should().Be(0, "the receiver does not have what was in the window");
            using var other = new FrameworkInflater();
            other.Inflate(Compressed.Deflate(failing, secret), secret.Length).Should().Equal(secret, "it refers to nothing before");
        }

        var message = Compressed.Content("text", 100_000, seed: 2);
        using var inflater = new FrameworkInflater();
        inflater.Inflate(Compressed.Deflate(message, 15, CompressionLevel.Optimal), message.Length).Should().Equal(message);
        pool.Out.Should().Be(0);
    }

    [Test]
    public void No_window_is_exceeded(
        [ValueSource(nameof(Kinds))] string kind,
        [ValueSource(nameof(Windows))] int windowBits,
        [ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        var random = new Random(windowBits);
        using var deflater = new MessageDeflater(windowBits, contextTakeover: true, level, ArrayPool<byte>.Shared);
        using var inflater = new MessageInflater(windowBits, contextTakeover: true, ArrayPool<byte>.Shared);
        using var oracle = new FrameworkInflater();
        for (var i = 0; i < 30; i++)
        {
            var message = Compressed.Content(kind, random.Next(i < 20 ? 2000 : 50_000), seed: i);
            var compressed = Compressed.Deflate(deflater, message);

            Compressed.Inflate(inflater, compressed).Should().Equal(message, "an inflater of just that window has all that is referred to");
            oracle.Inflate(compressed, message.Length).Should().Equal(message);
        }
    }

    [Test]
    public void A_thousand_messages_in_a_row_refer_to_each_other_and_become_short([ValueSource(nameof(Windows))] int windowBits)
    {
        using var deflater = new MessageDeflater(windowBits, contextTakeover: true, CompressionLevel.Optimal, ArrayPool<byte>.Shared);
        using var inflater = new MessageInflater(windowBits, contextTakeover: true, ArrayPool<byte>.Shared);
        using var oracle = new FrameworkInflater();
        var (before, after) = (0, 0);
        for (var i = 0; i < 1000; i++)
        {
            var message = Compressed.Content("chat", 150, seed: i);
            var compressed = Compressed.Deflate(deflater, message);
            before += message.Length;
            after += compressed.Length;

            Compressed.Inflate(inflater, compressed).Should().Equal(message);
            oracle.Inflate(compressed, message.Length).Should().Equal(message);
        }

        after.Should().BeLessThan(before / 2);
    }

    [Test]
    public void A_message_in_pieces_can_be_inflated_piece_by_piece([Values] bool contextTakeover)
    {
        var random = new Random(3);
        using var deflater = new MessageDeflater(12, contextTakeover, CompressionLevel.Optimal, ArrayPool<byte>.Shared);
        using var inflater = new MessageInflater(12, contextTakeover, ArrayPool<byte>.Shared);
        for (var i = 0; i < 20; i++)
        {
            var message = Compressed.Content("chat", 20_000, seed: i);
            var inflated = new MemoryStream();
            var destination = new byte[30_000];
            for (var done = 0; done < message.Length;)
            {
                var length = Math.Min(random.Next(5000), message.Length - done);
                var output = new ArrayBufferWriter<byte>();
                var isLast = done + length == message.Length;
                deflater.Deflate(message.AsSpan(done, length), isLast, output);
                done += length;

                var status = inflater.Inflate(output.WrittenSpan, isLast, destination, out _, out var written);
                inflated.Write(destination, 0, written);
                status.Should().Be(isLast ? InflateStatus.Done : InflateStatus.NeedMoreData);
                inflated.Length.Should().Be(done, "all of the piece is there");
            }

            inflated.ToArray().Should().Equal(message);
        }
    }

    [Test]
    public void The_same_messages_give_the_same_bytes_whatever_the_memory_was_before([ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        var message = Compressed.Content("chat", 3000, seed: 1);
        var clean = new MessageDeflater(13, contextTakeover: true, level, new DirtyPool(0));
        var dirty = new MessageDeflater(13, contextTakeover: true, level, new DirtyPool(0xA5));
        for (var i = 0; i < 3; i++)
        {
            Compressed.Deflate(dirty, message).Should().Equal(Compressed.Deflate(clean, message));
        }
    }

    [Test]
    public void Memory_is_what_is_told_with_takeover_and_none_without(
        [ValueSource(nameof(Windows))] int windowBits, [ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        var pool = new CountingPool();
        using (var deflater = new MessageDeflater(windowBits, contextTakeover: true, level, pool))
        {
            Compressed.Deflate(deflater, Compressed.Content("text", 100_000, seed: 1));
            pool.Out.Should().Be(MessageDeflater.MemoryOf(windowBits, level));
        }

        pool.Out.Should().Be(0);
        using (var deflater = new MessageDeflater(windowBits, contextTakeover: false, level, pool))
        {
            Compressed.Deflate(deflater, Compressed.Content("text", 100_000, seed: 1));
            pool.Out.Should().Be(0);
            deflater.Deflate("the beginning of a message"u8, endOfMessage: false, new ArrayBufferWriter<byte>());
            pool.Out.Should().BePositive();
        }

        pool.Out.Should().Be(0);
    }

    [Test]
    public void A_message_allocates_nothing([Values] bool contextTakeover, [ValueSource(typeof(Compressed), nameof(Compressed.Levels))] CompressionLevel level)
    {
        using var deflater = new MessageDeflater(15, contextTakeover, level, ArrayPool<byte>.Shared);
        using var inflater = new MessageInflater(15, contextTakeover, ArrayPool<byte>.Shared);
        var message = Compressed.Content("chat", 4000, seed: 1);
        var output = new ArrayBufferWriter<byte>(10_000);
        var destination = new byte[4000];

        Allocation.ShouldBeNone(() =>
        {
            output.ResetWrittenCount();
            deflater.Deflate(message, endOfMessage: true, output);
            inflater.Inflate(output.WrittenSpan, endOfMessage: true, destination, out _, out _);
        }, calls: 1000);
        destination.Should().Equal(message);
    }

    [TestCase(7)]
    [TestCase(16)]
    public void A_window_that_there_is_not_is_refused(int windowBits) =>
        FluentActions.Invoking(() => new MessageDeflater(windowBits, false, CompressionLevel.Fastest, ArrayPool<byte>.Shared))
            .Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void To_compress_nothing_is_no_level() =>
        FluentActions.Invoking(() => new MessageDeflater(15, false, CompressionLevel.NoCompression, ArrayPool<byte>.Shared))
            .Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void A_prepared_message_has_one_compressed_form_for_each_window()
    {
        var message = PreparedMessage.FromText(Encoding.UTF8.GetString(Compressed.Content("chat", 1000, seed: 1)));
        var deflated = message.Deflated(12, CompressionLevel.Optimal)!;

        message.Deflated(12, CompressionLevel.Optimal).Should().BeSameAs(deflated);
        message.Deflated(15, CompressionLevel.Optimal).Should().NotBeSameAs(deflated);
        deflated.IsCompressed.Should().BeTrue();
        (deflated.Frame.Span[0] & 0x40).Should().Be(0x40);
        Compressed.Inflate(deflated.Payload.ToArray(), 12).Should().Equal(message.Payload.ToArray());
        deflated.Invoking(self => self.Deflated(12, CompressionLevel.Optimal)).Should().Throw<InvalidOperationException>();
    }

    [Test]
    public void A_prepared_message_that_compressing_does_not_shorten_has_none() =>
        PreparedMessage.FromBinary(Compressed.Content("random", 500, seed: 1)).Deflated(15, CompressionLevel.Optimal).Should().BeNull();

    private sealed class NoRoom : IBufferWriter<byte>
    {
        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new IOException("on purpose");

        public Span<byte> GetSpan(int sizeHint = 0) => throw new IOException("on purpose");
    }
}
