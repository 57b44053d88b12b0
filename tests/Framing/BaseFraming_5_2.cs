using System.Buffers.Binary;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class BaseFraming_5_2
{
    private static readonly EndpointRole[] Roles = [EndpointRole.Server, EndpointRole.Client];
    private static readonly FragmentState[] States = [FragmentState.None, FragmentState.InMessage];

    private static readonly ulong[] Lengths =
    [
        0, 1, 124, 125, 126, 127, 128, 255, 256, 32767, 32768, 65534, 65535, 65536, 65537, 0xFF_FFFF, 0x100_0000,
        (1UL << 31) - 1, 1UL << 31, (1UL << 31) + 1,
        (1UL << 32) - 1, 1UL << 32, (1UL << 32) + 1,
        (1UL << 48) - 1, 1UL << 48, (1UL << 63) - 1,
    ];

    private static readonly ulong[] LengthsWithTopBit = [1UL << 63, (1UL << 63) + 1, ulong.MaxValue - 1, ulong.MaxValue];

    // What follows the first two bytes: enough for the longest header, and chosen so that each judgement on a length is met.
    private static readonly byte[][] Rests =
    [
        Wire.Hex("0000 0000 0000 0000 37FA213D"),
        Wire.Hex("0000 0000 0000 FFFF 37FA213D"),
        Wire.Hex("0000 0000 0001 0000 37FA213D"),
        Wire.Hex("007D 0000 0000 0000 37FA213D"),
        Wire.Hex("007E 0000 0000 0000 37FA213D"),
        Wire.Hex("7FFF FFFF FFFF FFFF 37FA213D"),
        Wire.Hex("8000 0000 0000 0000 37FA213D"),
        Wire.Hex("FFFF FFFF FFFF FFFF FFFFFFFF"),
    ];

    [Test]
    public void Every_first_two_bytes_are_judged_as_an_independent_oracle_judges_them(
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [ValueSource(nameof(States))] FragmentState state)
    {
        for (var both = 0; both <= ushort.MaxValue; both++)
        {
            foreach (var rest in Rests)
            {
                byte[] bytes = [(byte)(both >> 8), (byte)both, .. rest];
                var (broken, atByte) = HeaderOracle.Judge(bytes, receiver, state);
                for (var length = 0; length <= bytes.Length; length++)
                {
                    var expected = length < atByte ? FrameReadStatus.NeedMoreData
                        : broken.Length == 0 ? FrameReadStatus.Done
                        : FrameReadStatus.Violation;
                    var status = FrameHeader.TryRead(bytes.AsSpan(0, length), receiver, state, out var header, out var violation);
                    var ruleIsRight = status == FrameReadStatus.Violation ? Array.IndexOf(broken, violation) >= 0 : violation is null;
                    var headerIsRight = status == FrameReadStatus.Done ? header.Size == atByte : header == default;
                    if (status != expected || !ruleIsRight || !headerIsRight)
                    {
                        Assert.Fail($"{Convert.ToHexString(bytes, 0, length)}: expected {expected}, got {status}, {header}, {violation}");
                    }
                }
            }
        }
    }

    [Test]
    public void A_length_in_its_shortest_form_is_read_exactly(
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [ValueSource(nameof(Lengths))] ulong length)
    {
        var masked = Wire.MasksTowards(receiver);
        var expected = new FrameHeader(true, Opcode.Binary, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length);

        new ReceivedHeader(Wire.Header(0x82, masked, length), receiver).ShouldBeRead(expected);
    }

    [Test]
    public void A_length_is_written_in_its_shortest_form(
        [Values] bool masked,
        [ValueSource(nameof(Lengths))] ulong length)
    {
        var header = new FrameHeader(true, Opcode.Binary, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length);
        var expected = Wire.Header(0x82, masked, length);
        var destination = new byte[FrameHeader.MaxSize];

        header.Write(destination).Should().Be(expected.Length);

        destination[..expected.Length].Should().Equal(expected);
        destination[expected.Length..].Should().NotContain(octet => octet != 0, "nothing behind the header is touched");
        header.Size.Should().Be(expected.Length);
        FrameHeader.SizeOf((long)length, masked).Should().Be(expected.Length);
    }

    [Test]
    public void Every_length_that_fits_7_bits_fails_in_16_bits_at_its_last_byte([ValueSource(nameof(Roles))] EndpointRole receiver)
    {
        for (ulong length = 0; length <= 125; length++)
        {
            new ReceivedHeader(Wire.Header(0x82, Wire.MasksTowards(receiver), length, lengthBytes: 2), receiver)
                .ShouldFailWith(ProtocolViolation.NonMinimalLength, atByte: 4);
        }
    }

    [Test]
    public void Every_length_that_fits_16_bits_fails_in_64_bits_once_six_zeros_are_there([ValueSource(nameof(Roles))] EndpointRole receiver)
    {
        for (ulong length = 0; length <= ushort.MaxValue; length++)
        {
            new ReceivedHeader(Wire.Header(0x82, Wire.MasksTowards(receiver), length, lengthBytes: 8), receiver)
                .ShouldFailWith(ProtocolViolation.NonMinimalLength, atByte: 8);
        }
    }

    [Test]
    public void Every_length_that_needs_16_bits_is_read([ValueSource(nameof(Roles))] EndpointRole receiver)
    {
        var masked = Wire.MasksTowards(receiver);
        for (ulong length = 126; length <= ushort.MaxValue; length++)
        {
            new ReceivedHeader(Wire.Header(0x82, masked, length, lengthBytes: 2), receiver)
                .ShouldBeRead(new FrameHeader(true, Opcode.Binary, masked, masked ? Wire.KeyOf(Wire.Key) : 0, (long)length));
        }
    }

    [Test]
    public void A_64_bit_length_with_its_top_bit_set_fails_at_its_first_byte(
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [ValueSource(nameof(LengthsWithTopBit))] ulong length) =>
        new ReceivedHeader(Wire.Header(0x82, Wire.MasksTowards(receiver), length, lengthBytes: 8), receiver)
            .ShouldFailWith(ProtocolViolation.LengthTopBit, atByte: 3);

    [Test]
    public void A_zero_at_the_wrong_place_does_not_make_a_64_bit_length_fail([Range(0, 5)] int place)
    {
        var bytes = Wire.Hex("82 7F 0000 0000 0000 0000");
        bytes[2 + place] = 1;

        new ReceivedHeader(bytes, EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, false, 0, 1L << (8 * (7 - place))));
    }

    [Test]
    public void A_reserved_bit_without_an_extension_fails_at_the_first_byte(
        [Values(0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70)] int reserved,
        [Values(0x0, 0x1, 0x2, 0x8, 0x9, 0xA)] int opcode,
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [ValueSource(nameof(States))] FragmentState state) =>
        new ReceivedHeader(Wire.Header((byte)(0x80 | reserved | opcode), Wire.MasksTowards(receiver), 5), receiver, state)
            .ShouldFailWith(ProtocolViolation.ReservedBit, atByte: 1);

    [Test]
    public void A_reserved_opcode_fails_at_the_first_byte(
        [Values(0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF)] int opcode,
        [Values(0x00, 0x80)] int final,
        [ValueSource(nameof(Roles))] EndpointRole receiver,
        [ValueSource(nameof(States))] FragmentState state) =>
        new ReceivedHeader(Wire.Header((byte)(final | opcode), Wire.MasksTowards(receiver), 5), receiver, state)
            .ShouldFailWith(ProtocolViolation.ReservedOpcode, atByte: 1);

    [Test]
    public void Every_byte_of_the_masking_key_is_waited_for_and_kept_in_wire_order() =>
        new ReceivedHeader([0x81, 0x85, .. Wire.Key], EndpointRole.Server)
            .ShouldBeRead(new FrameHeader(true, Opcode.Text, true, BitConverter.ToUInt32(Wire.Key), 5));

    [Test]
    public void What_is_written_is_read_back_identically()
    {
        var random = new Random(6455);
        Opcode[] data = [Opcode.Text, Opcode.Binary];
        Opcode[] control = [Opcode.Close, Opcode.Ping, Opcode.Pong];
        var destination = new byte[FrameHeader.MaxSize];

        for (var round = 0; round < 100_000; round++)
        {
            var receiver = Roles[random.Next(2)];
            var state = States[random.Next(2)];
            var masked = Wire.MasksTowards(receiver);
            var key = masked ? (uint)random.NextInt64(1L << 32) : 0;
            var header = random.Next(4) == 0
                ? new FrameHeader(true, control[random.Next(3)], masked, key, random.Next(126))
                : new FrameHeader(
                    random.Next(2) == 0,
                    state == FragmentState.InMessage ? Opcode.Continuation : data[random.Next(2)],
                    masked,
                    key,
                    random.NextInt64() >> random.Next(63));
            var size = header.Write(destination);

            new ReceivedHeader(destination[..size], receiver, state).ShouldBeRead(header);
        }
    }

    [Test]
    public void What_is_read_is_written_back_identically()
    {
        var random = new Random(5);
        var source = new byte[FrameHeader.MaxSize];
        var destination = new byte[FrameHeader.MaxSize];
        var read = 0;

        for (var round = 0; round < 200_000; round++)
        {
            random.NextBytes(source);
            source[0] &= 0x8F;
            var status = FrameHeader.TryRead(source, Roles[round & 1], States[(round >> 1) & 1], out var header, out _);
            if (status == FrameReadStatus.Done)
            {
                read++;
                var size = header.Write(destination);
                if (!destination.AsSpan(0, size).SequenceEqual(source.AsSpan(0, size)))
                {
                    Assert.Fail($"{Convert.ToHexString(source)} came back as {Convert.ToHexString(destination, 0, size)}");
                }
            }
        }

        read.Should().BeGreaterThan(10_000, "otherwise the rounds prove little");
    }

    [Test]
    public void A_multibyte_length_is_in_network_byte_order()
    {
        var destination = new byte[FrameHeader.MaxSize];

        new FrameHeader(true, Opcode.Binary, false, 0, 0x0102).Write(destination);
        BinaryPrimitives.ReadUInt32BigEndian(destination).Should().Be(0x82_7E_01_02);

        new FrameHeader(true, Opcode.Binary, false, 0, 0x0102_0304_0506_0708).Write(destination);
        destination[..10].Should().Equal(0x82, 0x7F, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    [Test]
    public void Writing_into_too_short_a_destination_is_the_callers_error_and_writes_nothing(
        [Values] bool masked,
        [Values(0L, 125L, 126L, 65535L, 65536L, long.MaxValue)] long length)
    {
        var header = new FrameHeader(true, Opcode.Binary, masked, 0, length);
        for (var room = 0; room < header.Size; room++)
        {
            var destination = new byte[room];

            header.Invoking(h => h.Write(destination)).Should().Throw<ArgumentException>().WithParameterName("destination");

            destination.Should().Equal(new byte[room]);
        }
    }

    [Test]
    public void Writing_a_negative_length_is_the_callers_error([Values(-1L, -126L, long.MinValue)] long length)
    {
        var header = new FrameHeader(true, Opcode.Binary, false, 0, length);

        header.Invoking(h => h.Write(new byte[FrameHeader.MaxSize])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => FrameHeader.SizeOf(length, masked: false)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
