namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class MaskingAlgorithm_5_3
{
    private const int Guard = 16;
    private const byte Canary = 0xA5;

    private static readonly byte[] Pattern = RandomBytes(1 << 21);
    private static readonly int[] LargeSizes = [1023, 1024, 1025, 4095, 4096, 65535, 65536, 65537, 1_000_003, (1 << 20) + 127];

    [Test]
    public void In_place_it_is_the_naive_definition_at_every_length_offset_and_alignment()
    {
        for (var length = 0; length <= 300; length++)
        {
            for (var offset = 0; offset <= 7; offset++)
            {
                var expected = Naive(Pattern.AsSpan(0, length), offset);
                for (var alignment = 0; alignment <= 31; alignment++)
                {
                    ShouldMaskInPlace(length, offset, alignment, expected);
                }
            }
        }
    }

    [Test]
    public void Copying_it_is_the_naive_definition_at_every_length_offset_and_alignment()
    {
        for (var length = 0; length <= 300; length++)
        {
            for (var offset = 0; offset <= 7; offset++)
            {
                var expected = Naive(Pattern.AsSpan(0, length), offset);
                for (var alignment = 0; alignment <= 31; alignment++)
                {
                    ShouldMaskCopying(length, offset, alignment, ((alignment * 7) + 3) % 32, expected);
                }
            }
        }
    }

    [Test]
    public void Copying_it_holds_for_every_pair_of_alignments()
    {
        foreach (var length in (int[])[7, 8, 31, 32, 33, 159, 300])
        {
            var expected = Naive(Pattern.AsSpan(0, length), 3);
            for (var pair = 0; pair < 32 * 32; pair++)
            {
                ShouldMaskCopying(length, 3, pair / 32, pair % 32, expected);
            }
        }
    }

    [Test]
    public void Large_sizes_are_masked_likewise([ValueSource(nameof(LargeSizes))] int length, [Values(0, 1, 2, 3)] int offset)
    {
        var expected = Naive(Pattern.AsSpan(0, length), offset);

        ShouldMaskInPlace(length, offset, alignment: offset + 1, expected);
        ShouldMaskCopying(length, offset, offset + 1, offset + 2, expected);
    }

    [Test]
    public void Split_into_pieces_at_any_point_the_result_is_the_same()
    {
        for (var length = 0; length <= 300; length++)
        {
            var expected = Naive(Pattern.AsSpan(0, length), 0);
            for (var cut = 0; cut <= length; cut++)
            {
                var inPlace = Pattern[..length];
                Masking.Apply(inPlace.AsSpan(0, cut), Wire.KeyOf(Wire.Key));
                Masking.Apply(inPlace.AsSpan(cut), Wire.KeyOf(Wire.Key), cut);
                ShouldBeSame(inPlace, expected, $"{length} bytes cut at {cut}, in place");

                var copied = new byte[length];
                Masking.Copy(Pattern.AsSpan(0, cut), copied, Wire.KeyOf(Wire.Key));
                Masking.Copy(Pattern.AsSpan(cut, length - cut), copied.AsSpan(cut), Wire.KeyOf(Wire.Key), cut);
                ShouldBeSame(copied, expected, $"{length} bytes cut at {cut}, copying");
            }
        }
    }

    [Test]
    public void Split_into_pieces_of_any_one_size_the_result_is_the_same([Range(1, 70)] int piece)
    {
        var bytes = Pattern[..1000];
        for (var position = 0; position < bytes.Length; position += piece)
        {
            Masking.Apply(bytes.AsSpan(position, Math.Min(piece, bytes.Length - position)), Wire.KeyOf(Wire.Key), position);
        }

        bytes.Should().Equal(Naive(Pattern.AsSpan(0, bytes.Length), 0));
    }

    [Test]
    public void An_offset_beyond_32_bits_counts_modulo_4(
        [Values(int.MaxValue - 1L, int.MaxValue, int.MaxValue + 1L, uint.MaxValue, uint.MaxValue + 1L, long.MaxValue - 1, long.MaxValue)]
        long offset)
    {
        var bytes = Pattern[..100];

        Masking.Apply(bytes, Wire.KeyOf(Wire.Key), offset);

        bytes.Should().Equal(Naive(Pattern.AsSpan(0, 100), offset));
    }

    [Test]
    public void Masking_twice_gives_the_original_back([Values(0, 1, 5, 64, 1000)] int length)
    {
        var bytes = Pattern[..length];

        Masking.Apply(bytes, 0xDEADBEEF, 3);
        Masking.Apply(bytes, 0xDEADBEEF, 3);

        bytes.Should().Equal(Pattern[..length]);
    }

    [Test]
    public void A_key_of_zero_changes_nothing()
    {
        var bytes = Pattern[..300];

        Masking.Apply(bytes, 0, 1);

        bytes.Should().Equal(Pattern[..300]);
    }

    [Test]
    public void Copying_onto_the_same_bytes_is_masking_in_place([Values(0, 1, 31, 32, 33, 127, 128, 129, 300)] int length)
    {
        var bytes = Pattern[..length];

        Masking.Copy(bytes, bytes, Wire.KeyOf(Wire.Key), 2);

        bytes.Should().Equal(Naive(Pattern.AsSpan(0, length), 2));
    }

    [Test]
    public void Copying_into_too_short_a_destination_is_the_callers_error_and_writes_nothing([Values(1, 32, 300)] int length)
    {
        var destination = new byte[length - 1];

        FluentActions.Invoking(() => Masking.Copy(Pattern.AsSpan(0, length), destination, 1))
            .Should().Throw<ArgumentException>().WithParameterName("destination");

        destination.Should().Equal(new byte[length - 1]);
    }

    private static void ShouldMaskInPlace(int length, int offset, int alignment, byte[] expected)
    {
        var buffer = Guarded(alignment, length);
        var bytes = buffer.AsSpan(Guard + alignment, length);
        Pattern.AsSpan(0, length).CopyTo(bytes);

        Masking.Apply(bytes, Wire.KeyOf(Wire.Key), offset);

        ShouldBeSame(bytes, expected, $"{length} bytes, offset {offset}, alignment {alignment}, in place");
        ShouldBeUntouchedAround(buffer, Guard + alignment, length);
    }

    private static void ShouldMaskCopying(int length, int offset, int from, int to, byte[] expected)
    {
        var source = new byte[from + length];
        Pattern.AsSpan(0, length).CopyTo(source.AsSpan(from));
        var buffer = Guarded(to, length);

        // The destination is longer than the source: no byte too many may be written.
        Masking.Copy(source.AsSpan(from), buffer.AsSpan(Guard + to), Wire.KeyOf(Wire.Key), offset);

        ShouldBeSame(buffer.AsSpan(Guard + to, length), expected, $"{length} bytes, offset {offset}, from {from} to {to}");
        ShouldBeUntouchedAround(buffer, Guard + to, length);
        ShouldBeSame(source.AsSpan(from), Pattern.AsSpan(0, length), "the source");
    }

    private static byte[] Guarded(int alignment, int length)
    {
        var buffer = new byte[Guard + alignment + length + Guard];
        Array.Fill(buffer, Canary);
        return buffer;
    }

    private static void ShouldBeUntouchedAround(byte[] buffer, int start, int length)
    {
        if (buffer.AsSpan(0, start).ContainsAnyExcept(Canary) || buffer.AsSpan(start + length).ContainsAnyExcept(Canary))
        {
            Assert.Fail($"a byte beside the {length} bytes from {start} was written");
        }
    }

    // Called some hundred thousand times: only a mismatch pays for a message.
    private static void ShouldBeSame(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected, string what)
    {
        if (!actual.SequenceEqual(expected))
        {
            Assert.Fail($"{what}: {actual.CommonPrefixLength(expected)} bytes are right, the next is not");
        }
    }

    // The definition as the RFC writes it, octet by octet.
    private static byte[] Naive(ReadOnlySpan<byte> original, long offset)
    {
        var transformed = new byte[original.Length];
        for (var i = 0; i < original.Length; i++)
        {
            var j = (int)(((offset % 4) + i) % 4);
            transformed[i] = (byte)(original[i] ^ Wire.Key[j]);
        }

        return transformed;
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(53).NextBytes(bytes);
        return bytes;
    }
}
