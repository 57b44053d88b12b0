using System.Buffers;
using System.Buffers.Binary;

using RawSocketChat.Load.Generator;

namespace RawSocketChat.Load.Tests;

/// <summary>What the generator sends, and how it reads what comes back.</summary>
public sealed class Replies
{
    [TestCase(16, false, 1)]
    [TestCase(125, false, 16)]
    [TestCase(126, true, 3)]
    [TestCase(1024, true, 16)]
    [TestCase(70_000, false, 2)]
    public void An_echo_of_the_tape_is_read_whole_at_any_split(int payloadSize, bool isText, int depth)
    {
        var tape = new FrameTape(payloadSize, isText, depth, seed: 1);
        var echo = Enumerable.Range(0, tape.Period).SelectMany(i => Unmasked(tape.Run(i, 1).Span)).ToArray();
        foreach (var piece in new[] { 1, 2, 3, 7, 1000, echo.Length })
        {
            var reader = new ReplyReader();
            var read = 0;
            foreach (var bytes in echo.Chunk(piece))
            {
                ReadOnlySpan<byte> rest = bytes;
                while (reader.TryRead(ref rest, tape.Payload(read % tape.Period), out var size))
                {
                    size.Should().Be(payloadSize);
                    read++;
                }
            }

            read.Should().Be(tape.Period);
        }
    }

    [Test]
    public void A_run_goes_on_from_the_end_of_the_tape_at_its_beginning()
    {
        var tape = new FrameTape(20, isText: false, depth: 16, seed: 1);

        var run = tape.Run(tape.Period - 1, 16).ToArray();

        run.Should().Equal([.. tape.Run(tape.Period - 1, 1).ToArray(), .. tape.Run(0, 15).ToArray()]);
    }

    [Test]
    public void A_text_is_well_formed_and_of_exactly_its_size()
    {
        var tape = new FrameTape(1024, isText: true, depth: 16, seed: 3);

        for (var i = 0; i < tape.Period; i++)
        {
            System.Text.Unicode.Utf8.IsValid(tape.Payload(i)).Should().BeTrue();
            tape.Payload(i).Length.Should().Be(1024);
        }
    }

    [Test]
    public void Fragments_make_one_message_and_control_frames_are_passed_over()
    {
        ReadOnlySpan<byte> bytes = [0x02, 2, 1, 2, 0x8A, 1, 99, 0x80, 1, 3];
        var reader = new ReplyReader();

        reader.TryRead(ref bytes, [1, 2, 3], out var size).Should().BeTrue();

        size.Should().Be(3);
        bytes.IsEmpty.Should().BeTrue();
    }

    [TestCase(new byte[] { 0x82, 2, 1, 3 }, TestName = "Another payload is noticed")]
    [TestCase(new byte[] { 0x82, 3, 1, 2, 3 }, TestName = "A longer payload is noticed")]
    [TestCase(new byte[] { 0x82, 0x82, 0, 0, 0, 0, 1, 2 }, TestName = "A masked frame is noticed")]
    [TestCase(new byte[] { 0x88, 0 }, TestName = "A close frame is noticed")]
    public void What_is_wrong_is_noticed(byte[] bytes)
    {
        var act = () =>
        {
            ReadOnlySpan<byte> rest = bytes;
            new ReplyReader().TryRead(ref rest, [1, 2], out _);
        };

        act.Should().Throw<InvalidDataException>();
    }

    [TestCase(new byte[] { 0xC2, 2, 1, 2 }, false, TestName = "A compressed message is noticed where nothing was agreed on")]
    [TestCase(new byte[] { 0xA2, 2, 1, 2 }, true, TestName = "RSV2 is noticed where compression was agreed on")]
    [TestCase(new byte[] { 0x42, 1, 1, 0xC0, 1, 2 }, true, TestName = "RSV1 is noticed on a frame that goes on with a message")]
    [TestCase(new byte[] { 0xCA, 0 }, true, TestName = "RSV1 is noticed on a control frame")]
    public void A_reserved_bit_that_was_not_agreed_on_is_noticed(byte[] bytes, bool mayBeCompressed)
    {
        var act = () =>
        {
            ReadOnlySpan<byte> rest = bytes;
            new ReplyReader(mayBeCompressed).TryRead(ref rest, default, out _);
        };

        act.Should().Throw<InvalidDataException>().WithMessage("*does not belong here*");
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(1000)]
    public void Of_a_compressed_message_the_payload_is_kept_at_any_split(int piece)
    {
        byte[] bytes = [0x41, 2, 1, 2, 0x8A, 1, 99, 0x80, 1, 3, 0x81, 1, 4];
        var payload = new ArrayBufferWriter<byte>();
        var reader = new ReplyReader(mayBeCompressed: true, payload);
        var messages = new List<(byte[] Payload, bool IsCompressed, int Size)>();
        foreach (var chunk in bytes.Chunk(piece))
        {
            ReadOnlySpan<byte> rest = chunk;
            while (reader.TryRead(ref rest, default, out var size))
            {
                messages.Add((payload.WrittenSpan.ToArray(), reader.IsCompressed, size));
                payload.ResetWrittenCount();
            }
        }

        messages.Should().BeEquivalentTo(
            [(Payload: new byte[] { 1, 2, 3 }, IsCompressed: true, Size: 3), ([4], false, 1)], options => options.WithStrictOrdering());
    }

    [Test]
    public void Answers_are_inflated_and_compared_with_their_context()
    {
        var terms = new DeflateTerms(9, Takeover: true);
        var tape = ChatTape.Make(200, terms, depth: 1, seed: 1);
        using var answers = new AnswerInflater(terms);
        for (var number = 0; number < 3; number++)
        {
            answers.Payload.Write(Deflated(tape, number));
            answers.Check(isCompressed: true, tape.Payload(number));
        }

        answers.Payload.Write(tape.Payload(3));
        answers.Check(isCompressed: false, tape.Payload(3));
    }

    [TestCase(1, TestName = "Another message is noticed when it is inflated")]
    [TestCase(-1, TestName = "What cannot be inflated is noticed")]
    public void A_wrong_answer_is_noticed(int number)
    {
        var terms = new DeflateTerms(9, Takeover: false);
        var tape = ChatTape.Make(200, terms, depth: 1, seed: 1);
        using var answers = new AnswerInflater(terms);
        answers.Payload.Write(number < 0 ? [0xFF, 0xFF] : Deflated(tape, number));

        var act = () => answers.Check(isCompressed: true, tape.Payload(0));

        act.Should().Throw<InvalidDataException>();
    }

    private static byte[] Deflated(FrameTape tape, int position)
    {
        var frame = Unmasked(tape.Run(position, 1).Span);
        return frame[(frame[1] < 126 ? 2 : 4)..];
    }

    // What a server makes of a masked frame.
    private static byte[] Unmasked(ReadOnlySpan<byte> frame)
    {
        var headerSize = (frame[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
        var mask = frame.Slice(headerSize, 4);
        byte[] answer = [.. frame[..headerSize], .. frame[(headerSize + 4)..]];
        answer[1] &= 0x7F;
        for (var i = headerSize; i < answer.Length; i++)
        {
            answer[i] ^= mask[(i - headerSize) & 3];
        }

        BinaryPrimitives.ReadUInt32LittleEndian(mask).Should().NotBe(0u, "a mask of zeros would hide a server that does not unmask");
        return answer;
    }
}
