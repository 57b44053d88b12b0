using System.Text;

namespace RawSocketChat.Conformance.Tests;

public sealed class Messages_5_6 : EchoServerFixture
{
    private static readonly int[] Lengths = [0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20];

    [TestCaseSource(nameof(Lengths))]
    public Task A_text_message_is_echoed(int length)
    {
        var payload = Encoding.ASCII.GetBytes(new string('*', length));
        return Expect(
            [.. RawFrame.Build(RawFrame.Text, payload), .. RawFrame.BuildClose(1000)], 1000, (RawFrame.Text, payload));
    }

    [TestCaseSource(nameof(Lengths))]
    public Task A_binary_message_is_echoed(int length)
    {
        var payload = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
        return Expect(
            [.. RawFrame.Build(RawFrame.Binary, payload), .. RawFrame.BuildClose(1000)], 1000, (RawFrame.Binary, payload));
    }

    [TestCase(RawFrame.Text, 997)]
    [TestCase(RawFrame.Binary, 997)]
    [TestCase(RawFrame.Text, 64)]
    public async Task A_message_cut_into_small_segments_is_echoed(int opcode, int segment)
    {
        var payload = Encoding.ASCII.GetBytes(new string('x', 65536));
        await using var client = await ConnectAsync();
        await client.SendAsync(RawFrame.Build(opcode, payload), segment);
        (await client.ReadFrameAsync())!.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue();
        await client.SendAsync(RawFrame.BuildClose(1000));
        await client.ExpectCloseAsync(1000);
    }

    [TestCase(RawFrame.Text)]
    [TestCase(RawFrame.Binary)]
    public async Task A_message_of_16_MiB_is_echoed(int opcode)
    {
        var payload = Encoding.ASCII.GetBytes(new string('a', 16 << 20));
        await using var client = await ConnectAsync();
        var sending = client.SendAsync(RawFrame.Build(opcode, payload));
        (await client.ReadFrameAsync())!.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue();
        await sending;
        await client.SendAsync(RawFrame.BuildClose(1000));
        await client.ExpectCloseAsync(1000);
    }

    [TestCase(64, 1 << 20)]
    [TestCase(1024, 4 << 20)]
    [TestCase(65536, 16 << 20)]
    public async Task A_fragmented_message_of_megabytes_is_echoed_whole(int fragment, int length)
    {
        var payload = Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26))).ToArray();
        using var bytes = new MemoryStream();
        for (var at = 0; at < length; at += fragment)
        {
            bytes.Write(RawFrame.Build(
                at == 0 ? RawFrame.Text : RawFrame.Continuation, payload.AsSpan(at, fragment), final: at + fragment == length));
        }

        await using var client = await ConnectAsync();
        var sending = client.SendAsync(bytes.ToArray());
        (await client.ReadFrameAsync())!.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue();
        await sending;
        await client.SendAsync(RawFrame.BuildClose(1000));
        await client.ExpectCloseAsync(1000);
    }

    [Test]
    public async Task A_million_small_messages_are_echoed_in_their_order()
    {
        const int Count = 1_000_000;
        const int Batch = 10_000;
        await using var client = await ConnectAsync();
        var sending = Task.Run(async () =>
        {
            using var batch = new MemoryStream();
            for (var i = 0; i < Count; i += Batch)
            {
                batch.SetLength(0);
                for (var k = i; k < i + Batch; k++)
                {
                    batch.Write(RawFrame.Build(RawFrame.Binary, BitConverter.GetBytes(k)));
                }

                await client.SendAsync(batch.ToArray());
            }
        });

        for (var i = 0; i < Count; i++)
        {
            var frame = await client.ReadFrameAsync();
            if (BitConverter.ToInt32(frame!.Payload) != i)
            {
                Assert.Fail($"Message {i} came back as {BitConverter.ToInt32(frame.Payload)}.");
            }
        }

        await sending;
        await client.SendAsync(RawFrame.BuildClose(1000));
        await client.ExpectCloseAsync(1000);
    }
}
