using System.Buffers;
using System.Text.Unicode;

using RawSocketChat.Framing;
using RawSocketChat.Load.Generator;

namespace RawSocketChat.Load.Tests;

/// <summary>The compressed messages that the generator sends (RFC 7692 §7.2).</summary>
public sealed class DeflateTapes
{
    private const int LargestWindow = 32 * 1024;

    public static IEnumerable<TestCaseData> AllTerms =>
        from size in new[] { 50, 200, 1024, 4096 }
        from takeover in new[] { false, true }
        from bits in new[] { 9, 12, 15 }
        select new TestCaseData(size, bits, takeover);

    [TestCaseSource(nameof(AllTerms))]
    public void What_repeats_is_inflated_to_the_same_messages_over_three_periods(int size, int bits, bool takeover)
    {
        var tape = ChatTape.Make(size, new(bits, takeover), depth: 1, seed: 1);
        using var inflater = new MessageInflater(bits, takeover, ArrayPool<byte>.Shared);
        var destination = new byte[64 * 1024];
        var position = 0;
        for (var number = 0; number < 3 * tape.Period; number++)
        {
            var payload = Read(tape.Run(position, 1).Span);
            position = tape.End(position, 1);

            inflater.Inflate(payload, endOfMessage: true, destination, out _, out var written).Should().Be(InflateStatus.Done);
            destination.AsSpan(0, written).SequenceEqual(tape.Payload(number)).Should().BeTrue("message {0} is what it was before", number);
        }
    }

    [TestCaseSource(nameof(AllTerms))]
    public void No_message_finds_itself_one_period_before(int size, int bits, bool takeover)
    {
        var tape = ChatTape.Make(size, new(bits, takeover), depth: 1, seed: 1);

        Enumerable.Range(0, tape.Period).Sum(number => tape.Payload(number).Length).Should().BeGreaterThanOrEqualTo(2 * LargestWindow);
    }

    [TestCase(50)]
    [TestCase(200)]
    [TestCase(1024)]
    [TestCase(4096)]
    public void The_messages_are_text_of_about_their_size(int size)
    {
        var tape = ChatTape.Make(size, new(15, Takeover: false), depth: 1, seed: 1);
        for (var number = 0; number < tape.Period; number++)
        {
            Utf8.IsValid(tape.Payload(number)).Should().BeTrue();
            tape.Payload(number).Length.Should().BeInRange(size / 2, size + 30);
        }
    }

    [Test]
    public void A_run_across_the_end_goes_on_with_what_repeats_and_not_with_what_came_first()
    {
        var tape = ChatTape.Make(4096, new(15, Takeover: true), depth: 4, seed: 1);
        var last = (2 * tape.Period) - 1;

        tape.End(last, 1).Should().Be(tape.Period);
        tape.End(last, 4).Should().Be(tape.Period + 3);
        tape.Run(last, 4).ToArray().Should().Equal([.. tape.Run(last, 1).ToArray(), .. tape.Run(tape.Period, 3).ToArray()]);
        tape.Run(tape.Period, 1).Length.Should().BeLessThan(tape.Run(0, 1).Length, "it refers to the messages before it");
    }

    [Test]
    public void Tapes_of_different_seeds_differ()
    {
        var terms = new DeflateTerms(12, Takeover: true);

        ChatTape.Make(200, terms, depth: 1, seed: 1).Payload(0).SequenceEqual(ChatTape.Make(200, terms, depth: 1, seed: 2).Payload(0))
            .Should().BeFalse();
    }

    // The payload of exactly one frame.
    private static byte[] Read(ReadOnlySpan<byte> frame)
    {
        FrameHeader.TryRead(frame, EndpointRole.Server, FragmentState.None, out var header, out _, mayBeCompressed: true)
            .Should().Be(FrameReadStatus.Done);
        header.Opcode.Should().Be(Opcode.Text);
        header.IsFinal.Should().BeTrue();
        header.IsCompressed.Should().BeTrue();
        frame.Length.Should().Be(header.Size + (int)header.PayloadLength);
        var payload = frame[header.Size..].ToArray();
        Masking.Apply(payload, header.MaskKey);
        return payload;
    }
}
