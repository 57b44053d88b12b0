using System.Text;

namespace RawSocketChat.Conformance.Tests;

public sealed class Closing_7 : EchoServerFixture
{
    private static readonly int[] ValidStatuses =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

    private static readonly int[] InvalidStatuses = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];

    [TestCaseSource(nameof(ValidStatuses))]
    public Task A_valid_status_is_echoed(int status) => Expect(RawFrame.BuildClose(status, "a reason"u8), status);

    [TestCaseSource(nameof(InvalidStatuses))]
    public Task An_invalid_status_is_failed_with_1002(int status) => Expect(RawFrame.BuildClose(status, "a reason"u8), 1002);

    [Test]
    public Task A_close_without_a_status_is_answered_without_one() => Expect(RawFrame.Build(RawFrame.Close, []), 0);

    [Test]
    public Task A_close_of_one_byte_is_failed_with_1002() => Expect(RawFrame.Build(RawFrame.Close, [3]), 1002);

    [Test]
    public Task A_close_with_the_longest_reason_is_echoed() =>
        Expect(RawFrame.BuildClose(1000, Encoding.ASCII.GetBytes(new string('*', 123))), 1000);

    [Test]
    public Task A_close_longer_than_a_control_frame_is_failed_with_1002() =>
        Expect(RawFrame.BuildClose(1000, Encoding.ASCII.GetBytes(new string('*', 124))), 1002);

    [Test]
    public Task A_reason_that_is_not_utf8_is_failed_with_1007() => Expect(RawFrame.BuildClose(1000, [0xCE, 0xBA, 0xED, 0xA0, 0x80]), 1007);

    [Test]
    public Task What_follows_a_close_frame_is_not_looked_at() =>
        Expect([.. RawFrame.BuildClose(1000), .. RawFrame.Build(RawFrame.Text, "late"u8), .. RawFrame.Build(RawFrame.Ping, [])], 1000);

    [Test]
    public Task What_was_sent_before_the_close_is_echoed_before_it()
    {
        var large = new byte[256 * 1024];
        return Expect(
            [.. RawFrame.Build(RawFrame.Binary, large), .. RawFrame.Build(RawFrame.Text, "last"u8), .. RawFrame.BuildClose(1000)],
            1000,
            (RawFrame.Binary, large),
            (RawFrame.Text, "last"u8.ToArray()));
    }

    [Test]
    public async Task The_close_frame_arrives_though_the_client_goes_on_sending()
    {
        // A socket closed with unread input sends a reset, which destroys what the client has not read yet.
        await using var client = await ConnectAsync();
        await client.SendAsync(RawFrame.Build(RawFrame.Text, [0xFF]));
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync(RawFrame.Build(RawFrame.Binary, new byte[10_000]));
        }

        await client.ExpectCloseAsync(1007);
    }
}
