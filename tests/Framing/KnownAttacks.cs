using System.Net.WebSockets;

namespace RawSocketChat.Framing.Tests;

/// <summary>What has broken other libraries, as far as it lies in frames: one test or more for each kind.</summary>
[TestFixture]
public sealed class KnownAttacks
{
    private static readonly EndpointRole[] Roles = [EndpointRole.Server, EndpointRole.Client];

    [Test]
    public void Length_overflow__no_header_yields_a_negative_length()
    {
        var random = new Random(2020);
        var bytes = new byte[FrameHeader.MaxSize];
        for (var round = 0; round < 500_000; round++)
        {
            random.NextBytes(bytes);
            bytes[0] = 0x82;
            bytes[1] |= 0x7F;
            var receiver = Roles[round & 1];
            var status = FrameHeader.TryRead(bytes, receiver, FragmentState.None, out var header, out _);
            if (header.PayloadLength < 0 || (status == FrameReadStatus.Done && header.PayloadLength <= ushort.MaxValue))
            {
                Assert.Fail($"{receiver} read a length of {header.PayloadLength} from {Convert.ToHexString(bytes)}");
            }
        }
    }

    [TestCase("8000000000000000")]
    [TestCase("8000000000000001")]
    [TestCase("FFFFFFFFFFFFFFFF")]
    [TestCase("FFFFFFFF80000000")]
    public void Length_overflow__a_64_bit_length_with_its_top_bit_set_fails(string length)
    {
        new ReceivedHeader(Wire.Hex("82 FF" + length + "37FA213D"), EndpointRole.Server)
            .ShouldFailWith(ProtocolViolation.LengthTopBit, atByte: 3);
        new ReceivedHeader(Wire.Hex("82 7F" + length), EndpointRole.Client)
            .ShouldFailWith(ProtocolViolation.LengthTopBit, atByte: 3);
    }

    [Test]
    public void Length_overflow__the_greatest_length_is_read_as_it_is() =>
        new ReceivedHeader(Wire.Hex("82 7F 7FFFFFFFFFFFFFFF"), EndpointRole.Client)
            .ShouldBeRead(new FrameHeader(true, Opcode.Binary, false, 0, long.MaxValue));

    [Test]
    public void Endless_loop__each_step_consumes_a_byte_or_asks_for_more_or_fails()
    {
        var random = new Random(13935);
        var stream = new byte[4096];
        for (var round = 0; round < 2_000; round++)
        {
            random.NextBytes(stream);
            var receiver = Roles[round & 1];
            var position = 0;
            for (var step = 0; ; step++)
            {
                step.Should().BeLessThanOrEqualTo(stream.Length, "no step stands still");
                var rest = stream.AsSpan(position);

                // Legal first bytes and the right mask bit, or else the walk ends at once.
                if (rest.Length > 1)
                {
                    rest[0] = (byte)(0x80 | (1 + (rest[0] & 1)));
                    rest[1] = (byte)((rest[1] & 0x7F) | (Wire.MasksTowards(receiver) ? 0x80 : 0));
                }

                var status = FrameHeader.TryRead(rest, receiver, FragmentState.None, out var header, out _);
                if (status != FrameReadStatus.Done)
                {
                    header.Should().Be(default(FrameHeader));
                    break;
                }

                header.Size.Should().BeInRange(2, rest.Length, "what is read was there");
                position += header.Size;
                if (header.PayloadLength > stream.Length - position)
                {
                    break;
                }

                position += (int)header.PayloadLength;
            }
        }
    }

    [Test]
    public void Endless_loop__more_is_asked_for_only_while_a_header_can_still_be_unfinished()
    {
        var random = new Random(27889);
        var bytes = new byte[FrameHeader.MaxSize];
        for (var round = 0; round < 500_000; round++)
        {
            random.NextBytes(bytes);
            var status = FrameHeader.TryRead(bytes, Roles[round & 1], (FragmentState)((round >> 1) & 1), out _, out _);
            if (status == FrameReadStatus.NeedMoreData)
            {
                Assert.Fail($"{Convert.ToHexString(bytes)} is a longest header, and more is asked for");
            }
        }
    }

    [Test]
    public void Allocating_by_declared_length__a_header_that_declares_a_gigabyte_costs_nothing(
        [Values(1UL << 30, (1UL << 63) - 1)] ulong length)
    {
        var bytes = Wire.Header(0x82, masked: true, length);
        var declared = 0L;

        Allocation.ShouldBeNone(() =>
        {
            FrameHeader.TryRead(bytes, EndpointRole.Server, FragmentState.None, out var header, out _);
            declared = header.PayloadLength;
        });

        declared.Should().Be((long)length);
    }

    [Test]
    public void Tiny_and_empty_fragments__each_is_checked_in_constant_memory()
    {
        byte[] character = [0xF0, 0x9F, 0x98, 0x80];
        var validator = default(Utf8Validator);
        var fragments = 0;
        var accepted = true;

        Allocation.ShouldBeNone(() =>
        {
            accepted &= validator.Append(character.AsSpan(fragments++ % 4, 1));
            accepted &= validator.Append([]);
        });

        accepted.Should().BeTrue("a character may come in four fragments, with empty ones between them");
        validator.IsComplete.Should().Be(fragments % 4 == 0);
    }

    [Test]
    public void Misuse_of_RSV1__it_fails_on_a_continuation_or_a_control_frame_with_1002(
        [Values(0x40, 0xC0, 0xC8, 0xC9, 0xCA)] byte first,
        [Values] EndpointRole receiver)
    {
        new ReceivedHeader(Wire.Header(first, Wire.MasksTowards(receiver), 5), receiver, FragmentState.InMessage)
            .ShouldFailWith(ProtocolViolation.ReservedBit, atByte: 1);

        ((int)ProtocolViolation.ReservedBit.CloseStatus).Should().Be(1002);
    }

    [Test]
    public void Masking__an_unmasked_client_frame_fails() =>
        new ReceivedHeader(Wire.Hex("81 05"), EndpointRole.Server).ShouldFailWith(ProtocolViolation.UnmaskedClientFrame, atByte: 2);

    [Test]
    public void Masking__a_masked_server_frame_fails() =>
        new ReceivedHeader(Wire.Hex("81 85 37FA213D"), EndpointRole.Client).ShouldFailWith(ProtocolViolation.MaskedServerFrame, atByte: 2);

    [Test]
    public void Masking__a_key_is_never_given_twice()
    {
        var keys = new MaskKeySource();
        var given = Enumerable.Range(0, 10_000).Select(_ => keys.Next()).ToArray();

        // Honest chance lets a pair of them meet once in some ninety runs, and ten pairs never.
        given.Distinct().Count().Should().BeGreaterThan(given.Length - 10);
    }

    [Test]
    public void Memory_disclosure__a_close_payload_says_exactly_how_much_of_it_was_written()
    {
        var pooled = new byte[FrameHeader.MaxControlPayload];
        Array.Fill(pooled, (byte)'!');

        var written = ClosePayload.Write(pooled, WebSocketCloseStatus.NormalClosure, "bye");

        pooled[..written].Should().Equal(0x03, 0xE8, (byte)'b', (byte)'y', (byte)'e');
    }
}
