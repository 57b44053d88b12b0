using System.Text;

namespace RawSocketChat.Conformance.Tests;

public sealed class Utf8_8_1 : EchoServerFixture
{
    private static readonly byte[][] Valid =
    [
        [],
        "Hello-µ@ßöäüàá-UTF-8!!"u8.ToArray(),
        "κόσμε 你好 😀"u8.ToArray(),
        [0x00],
        [0x7F],
        [0xC2, 0x80],
        [0xDF, 0xBF],
        [0xE0, 0xA0, 0x80],
        [0xED, 0x9F, 0xBF],
        [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF],
        [0xF0, 0x90, 0x80, 0x80],
        [0xF4, 0x8F, 0xBF, 0xBF],
    ];

    private static readonly byte[][] Invalid =
    [
        [0x80],
        [0xBF],
        [0xC0, 0xAF],
        [0xC1, 0xBF],
        [0xC3],
        [0xE0, 0x80, 0xAF],
        [0xE0, 0x9F, 0xBF],
        [0xE1, 0x80],
        [0xED, 0xA0, 0x80],
        [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF],
        [0xF0, 0x80, 0x80, 0xAF],
        [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF1, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80],
        [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],
        [0xFE],
        [0xFF],
        [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xED, 0xA0, 0x80, 0x65],
    ];

    [TestCaseSource(nameof(Valid))]
    public Task Valid_text_is_echoed_however_it_is_fragmented(byte[] text) =>
        Expect(
            [.. RawFrame.Build(RawFrame.Text, text), .. Fragments(text), .. RawFrame.BuildClose(1000)],
            1000,
            (RawFrame.Text, text),
            (RawFrame.Text, text));

    [TestCaseSource(nameof(Invalid))]
    public async Task Invalid_text_is_failed_with_1007_however_it_is_fragmented(byte[] text)
    {
        await Expect([.. RawFrame.Build(RawFrame.Text, text), .. RawFrame.Build(RawFrame.Ping, [])], 1007);
        await Expect([.. Fragments(text), .. RawFrame.Build(RawFrame.Ping, [])], 1007);
    }

    [Test]
    public Task Invalid_bytes_are_no_fault_in_a_binary_message() =>
        Expect([.. RawFrame.Build(RawFrame.Binary, [0xFF, 0xC0]), .. RawFrame.BuildClose(1000)], 1000, (RawFrame.Binary, [0xFF, 0xC0]));

    [Test]
    public async Task The_offending_byte_fails_the_connection_though_the_frame_goes_on()
    {
        // κόσμε, then a byte that cannot follow; the frame announces more, which is never sent.
        byte[] text = [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xF4, 0x90];
        var frame = RawFrame.Build(RawFrame.Text, [.. text, .. new byte[1000]]);
        await using var client = await ConnectAsync();
        await client.SendAsync(frame.AsMemory(0, frame.Length - 1000));
        await client.ExpectCloseAsync(1007);
    }

    [Test]
    public async Task The_offending_byte_fails_the_connection_though_the_message_goes_on()
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(RawFrame.Build(RawFrame.Text, Encoding.UTF8.GetBytes("fine"), final: false));
        await client.SendAsync(RawFrame.Build(RawFrame.Continuation, [0xF4], final: false));
        await client.SendAsync(RawFrame.Build(RawFrame.Continuation, [0x90], final: false));
        await client.ExpectCloseAsync(1007);
    }

    // Each byte in a fragment of its own.
    private static byte[] Fragments(byte[] text) =>
        text.Length == 0
            ? [.. RawFrame.Build(RawFrame.Text, [], final: false), .. RawFrame.Build(RawFrame.Continuation, [])]
            : [.. text.SelectMany((octet, i) => RawFrame.Build(
                i == 0 ? RawFrame.Text : RawFrame.Continuation, [octet], final: i == text.Length - 1))];
}
