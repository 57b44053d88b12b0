using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What follows a response's head is left as it came: frames, content, or another head.</summary>
internal sealed class ResponseTail
{
    private static readonly byte[] Frame = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];

    [Test]
    public void Frames_in_the_same_segment_are_left_to_the_reader()
    {
        byte[] head = UpgradeText.Answer.ToBytes();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>([.. head, .. Frame]));

        new ResponseParser(new HandshakeLimits()).Parse(ref reader).Should().Be(ResponseParseStatus.Done);

        reader.UnreadSequence.ToArray().Should().Equal(Frame);
    }

    [Test]
    public void They_are_left_whole_at_every_split()
    {
        byte[] head = UpgradeText.Answer.ToBytes();

        EverySplit.ParseResponse([.. head, .. Frame]).Consumed.Should().Be(head.Length);
        EverySplit.ParseResponse([.. head, .. "\r\n\r\n"u8]).Consumed.Should().Be(head.Length);
    }

    [Test]
    public void A_head_behind_an_interim_one_is_for_the_next_parser()
    {
        byte[] interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"u8.ToArray();
        byte[] final = UpgradeText.Answer.ToBytes();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>([.. interim, .. final, .. Frame]));
        var first = new ResponseParser(new HandshakeLimits());
        var second = new ResponseParser(new HandshakeLimits());

        first.Parse(ref reader).Should().Be(ResponseParseStatus.Done);
        reader.Consumed.Should().Be(interim.Length);
        first.Response.IsInterim.Should().BeTrue();
        second.Parse(ref reader).Should().Be(ResponseParseStatus.Done);
        second.Response.StatusCode.Should().Be(101);
        reader.UnreadSequence.ToArray().Should().Equal(Frame);
    }

    [Test]
    public void A_head_cut_anywhere_asks_for_more()
    {
        byte[] head = UpgradeText.Answer.ToBytes();
        for (int i = 0; i < head.Length; i++)
        {
            EverySplit.ResponseInCalls(new HandshakeLimits(), new ReadOnlySequence<byte>(head, 0, i)).Status
                .Should().Be(ResponseParseStatus.NeedMoreData);
        }
    }

    [Test]
    public void There_is_neither_response_nor_violation_before_the_end()
    {
        var parser = new ResponseParser(new HandshakeLimits());

        parser.Invoking(p => p.Response).Should().Throw<InvalidOperationException>();
        parser.Invoking(p => p.Violation).Should().Throw<InvalidOperationException>();
    }
}
