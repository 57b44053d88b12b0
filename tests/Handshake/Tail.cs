using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What follows the head is the first frames: it is left as it came.</summary>
internal sealed class Tail
{
    private static readonly byte[] Frame = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

    [Test]
    public void A_frame_in_the_same_segment_is_left_to_the_reader()
    {
        byte[] head = UpgradeText.Valid.ToBytes();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>([.. head, .. Frame]));

        new RequestParser(new HandshakeLimits()).Parse(ref reader).Should().Be(RequestParseStatus.Done);

        reader.UnreadSequence.ToArray().Should().Equal(Frame);
    }

    [Test]
    public void A_frame_is_left_whole_at_every_split()
    {
        byte[] head = UpgradeText.Valid.ToBytes();

        ParseOutcome outcome = EverySplit.Parse([.. head, .. Frame]);

        outcome.Status.Should().Be(RequestParseStatus.Done);
        outcome.Consumed.Should().Be(head.Length);
    }

    [Test]
    public void A_tail_that_looks_like_a_head_is_still_a_tail()
    {
        byte[] head = UpgradeText.Valid.ToBytes();

        EverySplit.Parse([.. head, .. head]).Consumed.Should().Be(head.Length);
    }

    [Test]
    public void A_tail_of_CRLF_is_still_a_tail()
    {
        byte[] head = UpgradeText.Valid.ToBytes();

        EverySplit.Parse([.. head, .. "\r\n\r\n"u8]).Consumed.Should().Be(head.Length);
    }

    [Test]
    public void A_head_cut_anywhere_asks_for_more()
    {
        byte[] head = UpgradeText.Valid.ToBytes();
        for (int i = 0; i < head.Length; i++)
        {
            EverySplit.InCalls(new HandshakeLimits(), new ReadOnlySequence<byte>(head, 0, i)).Status
                .Should().Be(RequestParseStatus.NeedMoreData);
        }
    }

    [Test]
    public void There_is_neither_request_nor_refusal_before_the_end()
    {
        var parser = new RequestParser(new HandshakeLimits());

        parser.Invoking(p => p.Request).Should().Throw<InvalidOperationException>();
        parser.Invoking(p => p.Refusal).Should().Throw<InvalidOperationException>();
    }

    [Test]
    public void A_refusal_leaves_the_reader_behind_the_last_acceptable_byte() =>
        EverySplit.Parse("GET /a\0"u8.ToArray()).Consumed.Should().Be("GET /a".Length);
}
